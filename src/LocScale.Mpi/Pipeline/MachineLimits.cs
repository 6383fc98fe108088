using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Parallel;

namespace LocScale.Mpi.Pipeline;

/// <summary>A limit on memory and whose it is.</summary>
/// <param name="Bytes">The most there is.</param>
/// <param name="Owner">Who sets it, in the middle of a sentence.</param>
/// <param name="Group">The control group that it is of, or empty: all processes of a host and a group share what there is.</param>
internal readonly record struct MemoryLimit(long Bytes, string Owner, string Group = "");

/// <summary>What there is for the memory of a rank.</summary>
/// <param name="Host">The machine it runs on.</param>
/// <param name="Limits">The limits of that machine and of the control groups that the rank is in.</param>
/// <param name="Managed">The most that .NET takes for maps in this process; what FFTW takes is not part of it.</param>
internal sealed record RankMemory(string Host, IReadOnlyList<MemoryLimit> Limits, long? Managed)
{
    /// <summary>That of this process.</summary>
    public static RankMemory Here() => new(
        Environment.MachineName, MachineLimits.LimitsOfMemory("/"),
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and long bytes ? bytes : null);
}

/// <summary>What the machines have for a run.</summary>
/// <param name="Memory">What each rank has for its memory.</param>
/// <param name="DiskOf">The disk that a folder lies on, by any name that is the same for the same disk.</param>
/// <param name="Room">The bytes that may still be written to a folder's disk; null where the file system does not say.</param>
internal sealed record MachineLimits(
    IReadOnlyList<RankMemory> Memory, Func<string, string> DiskOf, Func<string, long?> Room)
{
    // Of version 1, whose files hold a huge number where there is no limit.
    private const long NoLimit = 1L << 60;

    /// <summary>Those of the machines of all ranks, with the disks of this one.</summary>
    /// <param name="memory">What each rank has for its memory.</param>
    public static MachineLimits Of(IReadOnlyList<RankMemory> memory) => new(memory, MountPointOf, RoomIn);

    /// <summary>
    /// The limits on the memory of this process: of the machine, and of the control groups (cgroup version 1 and 2) in which
    /// queues and containers run a job.
    /// </summary>
    /// <param name="root">The root of the file system; another one in tests.</param>
    public static IReadOnlyList<MemoryLimit> LimitsOfMemory(string root)
    {
        List<MemoryLimit> limits = [];
        if (Lines(root, "proc/meminfo").FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal)) is string total
            && Number(total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) is long kibibytes)
            limits.Add(new MemoryLimit(kibibytes * 1024, "the machine"));
        string[][] groups = [.. Lines(root, "proc/self/cgroup").Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3)];
        foreach (string line in Lines(root, "proc/self/mountinfo"))
        {
            // 35 31 0:32 /of/the/hierarchy /mounted/here rw,relatime - cgroup cgroup rw,memory
            string[] halves = line.Split(" - ", 2);
            string[] place = halves[0].Split(' '), kind = halves[^1].Split(' ');
            if (halves.Length < 2 || place.Length < 5 || kind.Length < 3)
                continue;
            if (kind[0] == "cgroup2" && groups.FirstOrDefault(group => group[1].Length == 0) is [_, _, var unified])
                limits.AddRange(OfGroups(root, place[4], place[3], unified, "memory.max"));
            else if (kind[0] == "cgroup" && kind[2].Split(',').Contains("memory")
                && groups.FirstOrDefault(group => group[1].Split(',').Contains("memory")) is [_, _, var memory])
                limits.AddRange(OfGroups(root, place[4], place[3], memory, "memory.limit_in_bytes"));
        }
        return limits;
    }

    /// <summary>The limits of a group and of all those that it is part of.</summary>
    private static IEnumerable<MemoryLimit> OfGroups(string root, string mountPoint, string mounted, string group, string file)
    {
        // In a container the group's path may be that of the host, of which only a part is mounted.
        string below = mounted != "/" && group.StartsWith(mounted, StringComparison.Ordinal) ? group[mounted.Length..] : group;
        string[] steps = below.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int depth = 0; depth <= steps.Length; depth++)
        {
            string folder = Path.Combine([mountPoint.TrimStart('/'), .. steps[..depth]]);
            if (Number(Lines(root, Path.Combine(folder, file)).FirstOrDefault()) is long bytes and < NoLimit)
                yield return new MemoryLimit(bytes, "the control group of the job", "/" + string.Join('/', steps[..depth]));
        }
    }

    private static string[] Lines(string root, string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string MountPointOf(string folder)
    {
        string real = Path.TrimEndingDirectorySeparator(folder) + "/";
        return DriveInfo.GetDrives().Select(drive => Path.TrimEndingDirectorySeparator(drive.Name))
            .Where(name => real.StartsWith(name == "/" ? "/" : name + "/", StringComparison.Ordinal))
            .MaxBy(name => name.Length) ?? folder;
    }

    private static long? RoomIn(string folder)
    {
        try
        {
            DriveInfo disk = new(folder);
            return disk.TotalSize > 0 ? disk.AvailableFreeSpace : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>How much there is of the mask and of the model, which a map's header does not tell.</summary>
/// <param name="ReadShare">The share of the box that the windows read.</param>
/// <param name="Atoms">The atoms of the model.</param>
internal readonly record struct RunExtent(double ReadShare, long Atoms)
{
    // A particle in a box of twice its length, and what lies around its mask on either side and behind, Å.
    private const double UsualLength = 0.5, Around = 36;

    // Of a PDB file.
    private const int BytesOfAtom = 81;

    /// <summary>As far as the outline of the map, and names and lengths of files, tell.</summary>
    public static RunExtent Guess(RunOptions options, MapOutline map) => new(
        Usual(map.Size.NX * map.Frame.VoxelSize) * Usual(map.Size.NY * map.Frame.VoxelSize) * Usual(map.Size.NZ * map.Frame.VoxelSize),
        options.ModelCoordinatesPath is string path && new FileInfo(path) is { Exists: true } file ? file.Length / BytesOfAtom : 0);

    private static double Usual(double edge) => Math.Min(1, UsualLength + (Around / edge));
}

/// <summary>The memory that a run takes on a rank, bytes, as measured on boxes of 128³ to 512³ voxels.</summary>
/// <param name="Managed">What maps take.</param>
/// <param name="Native">What libraries and Fourier transforms take.</param>
internal readonly record struct MemoryNeed(long Managed, long Native)
{
    // Without any map. A refinement of a few thousand atoms takes as much again, which matters in small boxes only.
    private const double Program = 65e6;
    private const double SmallThings = 10e6;

    // Bytes a voxel at the worst moment of each kind of run.
    private const double OfModelMap = 12;
    private const double OfSymmetricModelMap = 17;
    private const double OfAtoms = 15;
    private const double OfBFactorMaps = 16;
    private const double OfHalfMaps = 17;
    private const double OfConfidenceMask = 17;
    private const double OfModelCorrelation = 17;
    private const double OfConfidenceMaskOfHalfMaps = 20;
    private const double OfCompletion = 24;

    // Where rotated half maps miss the voxels: the two, the part that is done, and the splines of a finer map.
    private const double OfCopyAverage = 27;

    // Half a spectrum in single precision.
    private const double OfTransform = 4;

    // And what the windows read takes so much more.
    private const double OfMatchedAmplitudes = 16, OfReadVoxel = 26;

    // What a refinement leaves, and of each of its atoms.
    private const double OfRefinement = 30e6, OfRefinedAtom = 1500;

    // The difference of the half maps as it is, as the windows read it, and scaled.
    private const double OfSharpenedHalfMaps = 12;

    // Of the other ranks' parts of the map.
    private const double OfPart = 8;
    private const double OfPartWithAtoms = 19;
    private const double OfReadPart = 48;
    private const double ManagedPart = 8;

    /// <summary>Both.</summary>
    public long All => Managed + Native;

    /// <summary>The need of a rank for what the arguments and the size of the map tell of a run.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="rank">The rank: 0 holds the maps, and each its part of a transform.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="size">The map.</param>
    /// <param name="extent">How much there is of mask and model.</param>
    public static MemoryNeed Of(RunOptions options, int rank, int ranks, GridSize size, RunExtent extent)
    {
        bool hasHalves = options.HalfMaps is not null;
        if (rank > 0)
        {
            double part = Math.Max(
                hasHalves || options.ModelCoordinatesPath is not null ? OfPartWithAtoms : OfPart,
                options.MatchesAmplitudes ? OfReadPart * extent.ReadShare : 0);
            return WithRefinement(Sum(Math.Min(part, ManagedPart) * size.Count / ranks, Math.Max(0, part - ManagedPart) * size.Count / ranks));
        }
        double[] moments =
        [
            options.ModelCoordinatesPath is not null ? OfAtoms : options.Symmetry != "C1" ? OfSymmetricModelMap : OfModelMap,
            options.MeasureBFactors ? OfBFactorMaps : 0,
            options.MatchesAmplitudes ? OfMatchedAmplitudes + (OfReadVoxel * extent.ReadShare) : 0,
            options.CompletesReference ? OfCompletion : 0,
            hasHalves ? OfHalfMaps : options.Resolution is null && options.Compatibility == Compatibility.None ? OfModelCorrelation : 0,
            options.MaskPath is not null ? 0 : hasHalves ? OfConfidenceMaskOfHalfMaps : OfConfidenceMask,
        ];
        return WithRefinement(OfMoment(moments.Max() + (options.SharpensHalfMaps ? OfSharpenedHalfMaps : 0), ranks, size));

        MemoryNeed WithRefinement(MemoryNeed need) => extent.Atoms > 0 && !options.SkipRefinement
            ? need with { Native = need.Native + (long)(OfRefinement + (OfRefinedAtom * extent.Atoms)) }
            : need;
    }

    /// <summary>The needs of all ranks, in their order.</summary>
    public static MemoryNeed[] OfAll(RunOptions options, int ranks, GridSize size, RunExtent extent) =>
        [.. Enumerable.Range(0, ranks).Select(rank => Of(options, rank, ranks, size, extent))];

    /// <summary>The need of rank 0 where half maps are averaged over their copies.</summary>
    public static MemoryNeed OfAveraging(int ranks, GridSize size) => OfMoment(OfCopyAverage, ranks, size);

    private static MemoryNeed OfMoment(double bytesPerVoxel, int ranks, GridSize size) =>
        Sum((bytesPerVoxel - OfTransform) * size.Count, OfTransform * size.Count / ranks);

    private static MemoryNeed Sum(double managed, double native) => new((long)(SmallThings + managed), (long)(Program + native));
}

/// <summary>Checks what the ranks need against what their machines have, of which those on one host have one part together.</summary>
internal static class MemoryChecking
{
    /// <summary>Refuses a job for which a machine, a control group or .NET has too little memory.</summary>
    /// <param name="size">The map.</param>
    /// <param name="needs">What each rank needs; nothing those that are left out at the end.</param>
    /// <param name="memory">What each rank has.</param>
    /// <param name="purpose">What rank 0 does with it, for the message; empty for the whole job.</param>
    /// <exception cref="InputException">There is too little.</exception>
    public static void Require(GridSize size, IReadOnlyList<MemoryNeed> needs, IReadOnlyList<RankMemory> memory, string purpose = "")
    {
        int[] ranks = [.. Enumerable.Range(0, needs.Count)];
        var shared = ranks.SelectMany(rank => memory[rank].Limits.Select(limit => (Rank: rank, Limit: limit)))
            .GroupBy(of => (memory[of.Rank].Host, of.Limit.Group));
        foreach (var sharing in shared)
        {
            int[] together = [.. sharing.Select(of => of.Rank)];
            MemoryLimit limit = sharing.MinBy(of => of.Limit.Bytes).Limit;
            Compare(together, together.Sum(rank => needs[rank].All), limit.Bytes, limit.Owner);
        }
        foreach (int rank in ranks)
        {
            if (memory[rank].Managed is long managed && needs[rank].Managed > managed)
                throw Refusal([rank], needs[rank].All, managed, "the .NET runtime, by its settings or those of the control group,");
        }

        void Compare(int[] together, long need, long bytes, string owner)
        {
            if (need > bytes)
                throw Refusal(together, need, bytes, owner);
        }

        InputException Refusal(int[] together, long need, long bytes, string owner)
        {
            string host = memory.Count > 1 ? $" of host {memory[together[0]].Host}" : "";
            string fewer = together.Length > 1 ? "start fewer ranks there, " : "";
            return new InputException(
                $"A box of {size} voxels needs {ByteSize.Of(need)} of memory {purpose}on {Named(together)}{host}, and {owner} has {ByteSize.Of(bytes)} for it: "
                + $"{fewer}use a machine or ask for a job with more, or crop or bin the maps.");
        }
    }

    private static string Named(int[] ranks) => ranks switch
    {
        [int one] => $"rank {one}",
        [int first, .., int last] when last - first == ranks.Length - 1 => $"ranks {first} to {last}",
        _ => $"ranks {string.Join(", ", ranks)}",
    };
}

/// <summary>Sizes of files and of memory as people write them.</summary>
internal static class ByteSize
{
    /// <summary>MB below 1 GB, else GB.</summary>
    public static string Of(long bytes) => bytes < 1_000_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB");
}
