using System.Globalization;
using System.Text;
using System.Text.Json;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Pipeline;

/// <summary>A stage of a run before it is run.</summary>
/// <param name="Name">As <c>-v</c> tells it.</param>
/// <param name="Seconds">On one thread.</param>
/// <param name="Serial">The share of that which more threads or ranks do not shorten.</param>
/// <param name="BytesShared">What rank 0 hands out of its maps where other ranks work on them.</param>
internal sealed record PlannedStage(string Name, double Seconds, double Serial, long BytesShared);

/// <summary>A run on so many ranks.</summary>
/// <param name="Ranks">The ranks.</param>
/// <param name="Threads">The threads of each.</param>
/// <param name="Seconds">From start to end.</param>
/// <param name="Scaling">What the scaling of the windows takes of it.</param>
/// <param name="BytesOfRank0">The memory of rank 0.</param>
/// <param name="BytesOfOthers">The memory of each other rank; 0 where there is none.</param>
internal sealed record PlannedTeam(int Ranks, int Threads, double Seconds, SimulatedSchedule Scaling, long BytesOfRank0, long BytesOfOthers);

/// <summary>
/// What a run will do, how long it will take and what it needs: made of the headers, the mask and the atoms, and of how
/// fast this machine transforms a small box and scales a few bricks of the plan.
/// </summary>
/// <param name="Size">The map.</param>
/// <param name="VoxelSize">Edge of the voxel, Å.</param>
/// <param name="Window">Edge of the window, voxels.</param>
/// <param name="Voxels">The voxels to scale.</param>
/// <param name="IsMaskGuessed">Whether that is a guess, since the run will make the mask.</param>
/// <param name="Bricks">The bricks that they are cut into.</param>
/// <param name="Atoms">The atoms of the model.</param>
/// <param name="Stages">What is done one after the other.</param>
/// <param name="Teams">Times and memory for numbers of ranks, the one asked for first.</param>
/// <param name="BytesOnDisk">What the run writes, with what it keeps meanwhile.</param>
internal sealed record RunPlan(
    GridSize Size, double VoxelSize, int Window, long Voxels, bool IsMaskGuessed, int Bricks, int Atoms,
    IReadOnlyList<PlannedStage> Stages, IReadOnlyList<PlannedTeam> Teams, long BytesOnDisk)
{
    /// <summary>The version of the JSON document.</summary>
    public const int FormatVersion = 1;

    // Of 10 Gbit/s, or of memory shared by two ranks. Latency of Ethernet and of two sleeping ends.
    private const double BytesPerSecond = 1e9, Latency = 2e-3;

    private static readonly int[] ToldRanks = [2, 4, 16, 64], SimulatedRanks = [512, 4096];
    private static readonly JsonSerializerOptions JsonLayout = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Plans a run.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="map">The outline of the map.</param>
    /// <param name="atoms">How many atoms the model has; 0 without one.</param>
    /// <param name="ranks">How many ranks were started.</param>
    /// <exception cref="InputException">The mask cannot be used.</exception>
    public static RunPlan Make(RunOptions options, MapOutline map, int atoms, int ranks)
    {
        int window = WindowChoice.For(options, map, options.EmMapPath ?? options.HalfMaps!.FirstPath);
        VoxelMask mask = options.MaskPath is string path
            ? InputMaps.MaskOf(MrcReader.Read(path, options.VoxelSize), path, options, _ => { })
            : Guess(map, atoms);
        PlannedBrick[] bricks = BrickPlan.Make(mask);
        GridSize box = new MaskedBox(mask, window, map.Frame.VoxelSize).Box.Size;
        ScalingParameters parameters = new(window, ProfileCoverage.FullSphere, null, options.SharpensHalfMaps);
        Calibration machine = Calibration.Of(bricks, mask, parameters);
        List<PlannedStage> stages = StagesOf(options, machine, map.Size, box, atoms);
        RunExtent extent = new((double)box.Count / map.Size.Count, atoms);
        SchedulingCosts costs = new(machine.SecondsPerScaledVoxel, BytesPerSecond, Latency);
        PlannedTeam[] teams = [.. new[] { ranks }.Concat(ToldRanks).Concat(SimulatedRanks).Distinct().Select(Team)];
        long onDisk = OutputFiles.Planned(options, map.Size).Sum(file => file.Bytes) + (options.NoCheckpoint ? 0 : sizeof(float) * (long)mask.Count());
        return new RunPlan(
            map.Size, map.Frame.VoxelSize, window, mask.Count(), options.MaskPath is null, bricks.Length, atoms, stages, teams, onDisk);

        PlannedTeam Team(int size)
        {
            int threads = options.Threads;
            SimulatedSchedule scaling = ScheduleSimulation.Run(bricks, parameters, size, threads, costs);
            double others = stages.Sum(stage => (stage.Seconds * (stage.Serial + ((1 - stage.Serial) / (size * threads))))
                + (stage.BytesShared * (1 - (1.0 / size)) / BytesPerSecond));
            return new PlannedTeam(
                size, threads, others + scaling.Seconds, scaling,
                MemoryNeed.Of(options, 0, size, map.Size, extent).All,
                size > 1 ? MemoryNeed.Of(options, 1, size, map.Size, extent).All : 0);
        }
    }

    /// <summary>The plan for a person, a line each.</summary>
    public IEnumerable<string> Lines()
    {
        PlannedTeam asked = Teams[0];
        yield return Text($"Box: {Size} voxels of {VoxelSize:0.####} Å; windows of {Window} voxels");
        yield return Text($"To scale: {(IsMaskGuessed ? "perhaps " : "")}{Voxels:N0} voxels in {Bricks} bricks{(IsMaskGuessed ? "; the run makes the mask" : "")}");
        if (Atoms > 0)
            yield return Text($"Model: {Atoms:N0} atoms");
        yield return Text($"On disk: {ByteSize.Of(BytesOnDisk)}");
        yield return "";
        yield return "Stage, seconds on one thread";
        foreach (PlannedStage stage in Stages)
            yield return Text($"  {stage.Name,-44} {stage.Seconds,8:0.0}");
        yield return Text($"  {"Scaling",-44} {ScalingOnOneThread,8:0.0}");
        yield return "";
        yield return "Ranks × threads      seconds   of that scaling   memory of rank 0   of each other";
        foreach (PlannedTeam team in Teams.Where(team => team == asked || ToldRanks.Contains(team.Ranks)))
        {
            string others = team.BytesOfOthers > 0 ? ByteSize.Of(team.BytesOfOthers) : "-";
            yield return Text($"{team.Ranks + " × " + team.Threads,15}   {team.Seconds,10:0.0}   {team.Scaling.Seconds,15:0.0}   {ByteSize.Of(team.BytesOfRank0),16}   {others,13}");
        }

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The plan for programs.</summary>
    public byte[] ToJson() => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new
        {
            Format = "locscale-mpi plan",
            FormatVersion,
            Program = CommandLineReader.Build,
            Box = new[] { Size.NX, Size.NY, Size.NZ },
            VoxelSizeInAngstrom = VoxelSize,
            WindowInVoxels = Window,
            VoxelsToScale = Voxels,
            IsMaskGuessed,
            Bricks,
            Atoms,
            BytesOnDisk,
            Stages = Stages.Select(stage => new { stage.Name, SecondsOnOneThread = Math.Round(stage.Seconds, 2) }).Append(new { Name = "Scaling", SecondsOnOneThread = Math.Round(ScalingOnOneThread, 2) }),
            Teams = Teams.Select(team => new
            {
                team.Ranks,
                team.Threads,
                Seconds = Math.Round(team.Seconds, 2),
                SecondsOfScaling = Math.Round(team.Scaling.Seconds, 3),
                BusyShareOfScaling = Math.Round(team.Scaling.BusyShare, 3),
                LinkShareOfScaling = Math.Round(team.Scaling.LinkShare, 3),
                team.BytesOfRank0,
                team.BytesOfOthers,
            }),
        },
        JsonLayout) + "\n");

    private double ScalingOnOneThread => Teams[0].Scaling.Seconds * Teams[0].Scaling.BusyShare * Teams[0].Ranks * Teams[0].Threads;

    /// <summary>A ball of about the voxels that a mask of the model's surroundings has, or a part of the box as usual.</summary>
    private static VoxelMask Guess(MapOutline map, int atoms)
    {
        // Atoms of protein by Å³; the surroundings of an atom, Å; the share of a box that particles fill.
        const double density = 0.08, around = 3.2, usual = 0.06;
        GridSize size = map.Size;
        double voxels = atoms > 0
            ? 4 * Math.PI / 3 * Math.Pow(Math.Cbrt(atoms / density * 3 / (4 * Math.PI)) + around, 3) / Math.Pow(map.Frame.VoxelSize, 3)
            : usual * size.Count;
        double radius = Math.Cbrt(Math.Min(voxels, 0.5 * size.Count) * 3 / (4 * Math.PI));
        byte[] mask = new byte[size.Count];
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                double rest = (radius * radius) - Squared(z - (size.NZ / 2)) - Squared(y - (size.NY / 2));
                if (rest < 0)
                    continue;
                int half = Math.Min((int)Math.Sqrt(rest), (size.NX - 1) / 2);
                mask.AsSpan(size.Index((size.NX / 2) - half, y, z), (2 * half) + 1).Fill(1);
            }
        }
        return new VoxelMask(size, mask);

        static double Squared(double value) => value * value;
    }

    /// <summary>
    /// The stages. Their costs were measured on boxes of 128³ to 512³ voxels, and are told in the unit of the calibration, the
    /// forward transform of a voxel: for voxels of the whole box, for those of the box that the windows read, and for atoms.
    /// </summary>
    private static List<PlannedStage> StagesOf(
        RunOptions options, Calibration machine, GridSize size, GridSize box, int atoms)
    {
        bool isCompatible = options.Compatibility == Compatibility.LocScale2, hasHalves = options.HalfMaps is not null;
        bool isSymmetric = options.Symmetry != "C1" || options.Helical is not null;
        int maps = hasHalves ? 2 : 1;
        int read = maps + (options.MaskPath is null ? 0 : 1) + (options.ModelMapPath is null ? 0 : 1);
        long bytes = size.Count * sizeof(float);
        int written = OutputFiles.Planned(options, size).Count(file => file.Bytes > bytes / 8);
        List<PlannedStage> stages = [];
        Add("Starting, and compiling on the way", 0, 0, 8e7, 1, 0, true);
        Add("Loading maps", 0.48 * read, 0, 0, 1, 0, true);
        Add("Taking spectra", hasHalves ? 3.7 : 0.67, 0, hasHalves ? 7e7 : 0, 0.5, maps, true);
        Add("Comparing map and model", 1.4, 0, 4e3 * atoms, 0.4, 2, !isCompatible && !options.HasNoModel);
        Add("Checking the symmetry", 1.4, 0, 1e4 * atoms, 0.5, 1, isSymmetric);
        Add("Making the mask", options.MaskPath is null ? 13 : atoms > 0 ? 4 : 0.5, 0, atoms > 0 ? 8e7 : 0, 0.3, options.MaskPath is null ? maps : 0, true);
        Add("Finding the resolution within the mask", 5.4, 0, 0, 0.25, 2, hasHalves);
        Add("Comparing half maps around each place", 0, 18, 0, 0.3, 2, options.WeighsNoise || options.LocalResolution);
        Add("Refining B-factors", 1.6, 0, 7e7 + (2.4e4 * atoms), 0.5, 1, atoms > 0 && !options.SkipRefinement);
        Add("Making the model map", 2.3, 0, 2e3 * atoms, 0.3, 1, atoms > 0);
        Add(options.HasNoModel ? "Making the reference of the map" : "Completing the reference", 0, 50, 0, 0.3, 2, options.CompletesReference);
        Add("Preparing windows", 0.1, (options.MatchesAmplitudes ? 26 : 0) + (options.WeighsNoise ? 6 : 0), 0, 0.3, 2, true);
        Add("Holding noise back", 0, 15, 0, 0.3, 2, options.WeighsNoise);
        Add("Comparing amplitudes", 0, 10, 0, 0.4, 2, !isCompatible);
        Add("Writing maps", 1.5 * written, 0, 0, 0.3, 0, true);
        return stages;

        void Add(string name, double perVoxel, double perBoxVoxel, double rest, double serial, int mapsShared, bool isWanted)
        {
            if (isWanted)
            {
                stages.Add(new PlannedStage(
                    name, machine.SecondsPerTransformedVoxel * ((perVoxel * size.Count) + (perBoxVoxel * box.Count) + rest), serial, mapsShared * bytes));
            }
        }
    }
}

/// <summary>How fast this machine is, on one thread.</summary>
/// <param name="SecondsPerTransformedVoxel">The forward transform of a box of 128³, with its sums over shells, for each voxel.</param>
/// <param name="SecondsPerScaledVoxel">The scaling of bricks of the plan, for each voxel of the mask.</param>
internal readonly record struct Calibration(double SecondsPerTransformedVoxel, double SecondsPerScaledVoxel)
{
    private const int Edge = 128;

    // Each brick takes some hundredths of a second.
    private const int MostBricks = 6;
    private const double MostSeconds = 0.3;

    /// <summary>Measures it, in well under a second.</summary>
    /// <param name="bricks">The plan.</param>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="parameters">How.</param>
    public static Calibration Of(IReadOnlyList<PlannedBrick> bricks, VoxelMask mask, ScalingParameters parameters)
    {
        return new Calibration(OfTransform(), OfKernel());

        static double OfTransform()
        {
            GridSize size = new(Edge, Edge, Edge);
            float[] map = Noise(Edge * Edge);
            using BoxTransform transform = new(size, new TeamOfOne(), 1);
            // The first compiles the code.
            Transform();
            double start = Now;
            Transform();
            return (Now - start) / size.Count;

            void Transform() => RadialPowerSpectrum.Of((y, z, row) => map.AsSpan(y * Edge, Edge).CopyTo(row), transform, 1);
        }

        double OfKernel()
        {
            using WindowScaler scaler = new(parameters);
            float[] map = Noise(BrickSize.Maximum.WithWindows(parameters.WindowSize).Count), scaled = new float[BrickSize.Maximum.Count], difference = parameters.ScalesHalfMaps ? new float[scaled.Length] : [];
            double seconds = 0;
            long voxels = 0;
            int step = Math.Max(1, bricks.Count / MostBricks);
            for (int i = step / 2; i < bricks.Count && seconds < MostSeconds; i += step)
            {
                if (voxels == 0)
                    Scale(bricks[i]);
                double start = Now;
                Scale(bricks[i]);
                seconds += Now - start;
                voxels += bricks[i].Voxels;
            }
            return voxels == 0 ? 0 : seconds / voxels;

            void Scale(PlannedBrick planned)
            {
                VoxelBox place = planned.Box;
                BrickSize size = new(place.NX, place.NY, place.NZ);
                ReadOnlySpan<float> values = map.AsSpan(0, size.WithWindows(parameters.WindowSize).Count);
                byte[] wanted = new byte[size.Count];
                for (int z = 0; z < size.NZ; z++)
                {
                    for (int y = 0; y < size.NY; y++)
                        mask.Row(place.X, place.Y + y, place.Z + z, size.NX).CopyTo(wanted.AsSpan(((z * size.NY) + y) * size.NX));
                }
                scaler.Scale(
                    new Brick(size, wanted, values, values, parameters.ScalesHalfMaps ? values : default),
                    new ScaledVoxels(scaled, [], [], difference));
            }
        }
    }

    /// <summary>The processor's time, which does not pass while others have it.</summary>
    private static double Now => Environment.CpuUsage.TotalTime.TotalSeconds;

    private static float[] Noise(int count)
    {
        Random random = new(1);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = random.NextSingle() - 0.3f;
        return values;
    }
}
