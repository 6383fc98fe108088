using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Pipeline;
using LocScale.Mpi.Terminal;
using LocScale.Mpi.Tests.CommandLine;
using LocScale.Mpi.Tests.Distribution;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Mpi.Tests.Pipeline;

/// <summary>The mask of the plain default command.</summary>
public class MaskMakingTests
{
    // Farther from all atoms than this, Å, there is nothing of a model.
    private const double Far = 8;

    // Real maps, whose boxes were cut, masked, sharpened; what lies in confident density is a bar below what is found.
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb", 0.9)]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb", 0.8)]
    [TestCase("zones/1oed/1oed_box.ccp4", "zones/1oed/1oed_box_complete.pdb", 0.9)]
    [TestCase("zones/emd6272/6272.mrc", "zones/emd6272/6272.pdb", 0.7)]
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb", 0.7)]
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif", 0.95)]
    [TestCase("vp6/map.mrc", "vp6/model.pdb", 0.9)]
    [TestCase("actin/emd_5168.map", "actin/3MFP.pdb", 0.6)]
    [Category("Long")]
    public void Of_a_single_map_it_holds_the_model(string map, string model, double confident)
    {
        Made made = Make($"-em {Data(map)} -mc {Data(model)}");
        RequireModel(made, confident);
        // Of these only the voxels of 1oed are not of the model's size.
        Assert.That(made.Resolution.Warning, map.Contains("1oed", StringComparison.Ordinal)
            ? Does.Contain("is where").And.Contain("cease to agree, and they do not fit").And.Contain("-res") : Is.Null);
    }

    [Test]
    public void B_factors_that_are_no_B_factors_do_not_hide_that_the_model_fits()
    {
        string path = Path.Combine(Path.GetTempPath(), $"locscale-mpi-test-{Guid.NewGuid():N}.pdb");
        try
        {
            File.WriteAllLines(path, File.ReadLines(Data("zones/emd6272/6272.pdb")).Select(line =>
                line.StartsWith("ATOM", StringComparison.Ordinal) ? $"{line[..60]}999.00{line[66..]}" : line));
            Made made = Make($"-em {Data("zones/emd6272/6272.mrc")} -mc {path}");
            Assert.That(made.Warnings, Does.Not.Contain("correlate"));
            Assert.That(made.Resolution.Warning, Is.Null);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestCase("loop", 0.95)]
    [TestCase("ice", 0.95)]
    [TestCase("small", 0.95)]
    [TestCase("128", 0.95)]
    [Category("Long")]
    public void Of_half_maps_it_holds_the_model_and_nothing_far_from_it(string set, double confident)
    {
        Made made = Make(Halves(set));
        RequireModel(made, confident);
        double far = made.ShareBeyond(Far, made.Model.Atoms.Select(atom => atom.Position));
        TestContext.Out.WriteLine($"{far:P2} of the mask lie beyond {Far} Å");
        Assert.That(far, Is.LessThan(0.02));
    }

    [Test]
    [Category("Long")]
    public void Density_that_the_model_lacks_is_kept()
    {
        // Of the same particle, without the chains A and C.
        Made made = Make(Halves("missing"));
        RequireModel(made, 0.95);
        AtomicModel whole = ModelReader.Read(SharedData.Path("reference/adp_128/start.pdb"));
        Position[] missing = [.. whole.Atoms.Where(atom => whole.ResidueOf(atom).Chain is "A" or "C").Select(atom => atom.Position)];
        double kept = missing.Count(made.Holds) / (double)missing.Length;
        double far = made.ShareBeyond(Far, whole.Atoms.Select(atom => atom.Position));
        TestContext.Out.WriteLine($"{kept:P1} of {missing.Length} missing atoms in the mask, {far:P2} of which lie beyond {Far} Å of the particle");
        Assert.That(missing, Has.Length.EqualTo(1769));
        Assert.That(kept, Is.GreaterThan(0.97));
        Assert.That(far, Is.LessThan(0.02));
    }

    [Test]
    [Category("Long")]
    public void Where_there_is_noise_only_the_mask_is_the_models_surroundings_and_a_warning_says_so([Values] bool withHalves)
    {
        using TemporaryFolder folder = new();
        GridSize size = new(60, 56, 64);
        string[] paths = [.. new[] { 1, 2 }.Select(i => Write(folder, $"noise{i}.mrc", size, 1.5, Noise(size, i)))];
        string model = WriteModel(folder, [.. Enumerable.Range(0, 60).Select(i => new Position(30 + (i % 10), 30 + (i / 10), 40))]);
        Made made = Make(withHalves ? $"-hm {paths[0]} {paths[1]} -mc {model} --skip_refine" : $"-em {paths[0]} -mc {model} -res 4");
        Assert.That(made.Mask.Confident!.Share, Is.Zero);
        Assert.That(made.Warnings, Does.Contain("0 % of the atoms").And.Contain("-ma").And.Contain("-fdr_f"));
        Assert.That(made.ShareBeyond(Far, made.Model.Atoms.Select(atom => atom.Position)), Is.Zero);
        Assert.That(made.Model.Atoms.All(atom => made.Holds(atom.Position)));
    }

    [TestCase(35, true)]
    [TestCase(5, false)]
    [Category("Long")]
    public void A_given_mask_without_an_atom_is_told(int from, bool holds)
    {
        using TemporaryFolder folder = new();
        GridSize size = new(60, 56, 64);
        string map = Write(folder, "noise.mrc", size, 1.5, Noise(size, 1));
        float[] voxels = new float[size.Count];
        for (int z = from / 3 * 2; z < (from / 3 * 2) + 10; z++)
        {
            for (int y = 18; y < 26; y++)
                voxels.AsSpan(size.Index(18, y, z), 12).Fill(1);
        }
        string mask = Write(folder, "mask.mrc", size, 1.5, voxels);
        string model = WriteModel(folder, [.. Enumerable.Range(0, 60).Select(i => new Position(30 + (i % 10), 30 + (i / 10), 40))]);
        Made made = Make($"-em {map} -mc {model} -res 4 -ma {mask}");
        Assert.That(made.Warnings, holds ? Does.Not.Contain("No atom of") : Does.Contain("No atom of").And.Contain("mask is not inverted"));
    }

    [Test]
    [Category("Long")]
    public void A_weak_chain_is_named()
    {
        using TemporaryFolder folder = new();
        GridSize size = new(64, 64, 64);
        float[] values = Noise(size, 3);
        // Density for the first of two chains.
        for (int z = 20; z < 40; z++)
        {
            for (int y = 20; y < 40; y++)
            {
                foreach (ref float value in values.AsSpan(size.Index(10, y, z), 20))
                    value += 4;
            }
        }
        string map = Write(folder, "map.mrc", size, 1, values);
        string model = WriteModel(
            folder,
            [.. Enumerable.Range(0, 300).Select(i => new Position(14 + (i % 7 * 2), 22 + (i / 7 % 7 * 2), 22 + (i / 49 * 2)))],
            [.. Enumerable.Range(0, 100).Select(i => new Position(50 + (i % 5), 50 + (i / 5 % 5), 30 + (i / 25)))]);
        Made made = Make($"-em {map} -mc {model} -res 3");
        TestContext.Out.WriteLine(made.Said);
        Assert.That(made.Said, Does.Match("7[0-9.]+ % of the atoms lie in confident density, not so B all"));
        Assert.That(made.Warnings, Does.Not.Contain("% of the atoms"));
        Assert.That(made.Mask.Confident!.Chains.Select(chain => chain.Chain), Is.EqualTo(new[] { "A", "B" }));
    }

    /// <summary>Such a box is compared more coarsely than others.</summary>
    [TestCase(440, 48, 1.2)]
    [TestCase(150, 40, 3.7)]
    public void In_a_box_longer_than_500_angstrom_and_in_large_voxels_the_model_is_found_in_its_place(int length, int width, double voxelSize)
    {
        using TemporaryFolder folder = new();
        GridSize size = new(length, width, width);
        Random random = new(12);
        double middle = width * voxelSize / 2, reach = Math.Min(middle - 10, 40);
        Position[] atoms = [.. Enumerable.Range(0, 300).Select(_ => new Position(
            (length * voxelSize / 3) + Along(), middle + Along(), middle + Along()))];
        float[] values = Noise(size, 13);
        const double deviation = 3;
        int voxels = (int)(4 * deviation / voxelSize) + 1;
        foreach (Position atom in atoms)
        {
            (double x, double y, double z) = (atom.X / voxelSize, atom.Y / voxelSize, atom.Z / voxelSize);
            for (int k = (int)z - voxels; k <= (int)z + voxels; k++)
            {
                for (int j = (int)y - voxels; j <= (int)y + voxels; j++)
                {
                    for (int i = (int)x - voxels; i <= (int)x + voxels; i++)
                    {
                        double square = (Math.Pow(i - x, 2) + Math.Pow(j - y, 2) + Math.Pow(k - z, 2)) * voxelSize * voxelSize;
                        if (i >= 0 && j >= 0 && k >= 0 && i < length && j < width && k < width)
                            values[size.Index(i, j, k)] += 10 * (float)Math.Exp(-square / (2 * deviation * deviation));
                    }
                }
            }
        }
        string map = Write(folder, "long.mrc", size, voxelSize, values);
        Made made = Make($"-em {map} -mc {WriteModel(folder, atoms)} -res {Math.Max(5, 2.1 * voxelSize)} --skip_refine");
        TestContext.Out.WriteLine(made.Said);
        Assert.That(made.Said, Does.Match(@"At [89]\.?\d* Å the model fits best 0\.\d+ Å from its place"));
        Assert.That(made.Warnings, Does.Not.Contain("place"));

        double Along() => reach * ((2 * random.NextDouble()) - 1);
    }

    private static void RequireModel(Made made, double confident)
    {
        AtomicModel model = made.Model;
        Position[] inside = [.. model.Atoms.Where(atom => made.IsInside(atom.Position)).Select(atom => atom.Position)];
        double share = inside.Count(made.Holds) / (double)inside.Length;
        TestContext.Out.WriteLine($"{made.Mask.Voxels.Count():N0} voxels; {share:P1} of {inside.Length} atoms in the mask, {made.Mask.Confident!.Share:P1} in confident density");
        Assert.That(share, Is.GreaterThanOrEqualTo(0.95));
        Assert.That(made.Mask.Confident.Share, Is.GreaterThanOrEqualTo(confident));
    }

    private static string Data(string path) => SharedData.Path($"data/{path}");

    private static string Halves(string set)
    {
        string folder = SharedData.Path($"reference/adp_{set}");
        return $"-hm {folder}/half1.mrc {folder}/half2.mrc -mc {folder}/start.pdb";
    }

    private static Made Make(string line)
    {
        RunOptions options = ReadArguments.Run($"{line} -v -np 2");
        using StringWriter said = new(), warnings = new();
        RunConsole console = new(said, warnings, isTerminal: false, isVerbose: true);
        using AtomicFileSet outputs = new();
        InputMaps inputs = InputMaps.Load(options);
        MapSpectra spectra = SpectrumChecking.Check(options, Communicators.Alone, inputs, console);
        AtomicModel model = ModelReader.Read(options.ModelCoordinatesPath!);
        ModelSymmetry symmetry = ModelSymmetry.From(options);
        MapModelFit? ofModel = ModelComparing.Compare(options, Communicators.Alone, inputs, spectra, model, symmetry, console);
        MapResolution resolution = ResolutionFinding.Find(options, Communicators.Alone, inputs, spectra, ofModel);
        MadeMask mask = MaskMaking.Make(
            options, Communicators.Alone, inputs, model, symmetry, resolution.Angstrom,
            new IntermediateFiles(options, outputs, new MapLabels("", [])), console);
        return new Made(mask, resolution, inputs.Map, model, said.ToString(), warnings.ToString());
    }

    private static float[] Noise(GridSize size, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, (int)size.Count).Select(_ =>
            (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble())))];
    }

    private static string Write(TemporaryFolder folder, string name, GridSize size, double voxelSize, float[] values)
    {
        string path = folder.File(name);
        using AtomicFileSet files = new();
        MrcWriter.Write(files, path, new DensityMap(size, MapFrame.AtOrigin(size, voxelSize), values), ["noise"]);
        files.Commit();
        return path;
    }

    private static string WriteModel(TemporaryFolder folder, params Position[][] chains)
    {
        string path = folder.File("model.pdb");
        File.WriteAllLines(path, chains.SelectMany((positions, chain) => positions.Select((p, i) => FormattableString.Invariant(
            $"ATOM  {i + 1,5}  CA  ALA {(char)('A' + chain)}{i + 1,4}    {p.X,8:0.000}{p.Y,8:0.000}{p.Z,8:0.000}  1.00 40.00           C"))));
        return path;
    }

    private sealed record Made(MadeMask Mask, MapResolution Resolution, DensityMap Map, AtomicModel Model, string Said, string Warnings)
    {
        private double VoxelSize => Map.Frame.VoxelSize;

        public bool IsInside(Position position) => ModelPlacement.IsInside(InBox(position), Map.Size, VoxelSize);

        public bool Holds(Position position)
        {
            Position inBox = InBox(position);
            (int x, int y, int z) = (Voxel(inBox.X), Voxel(inBox.Y), Voxel(inBox.Z));
            return Mask.Voxels.Values[Map.Size.Index(x, y, z)] == 1;
        }

        public double ShareBeyond(double distance, IEnumerable<Position> positions)
        {
            CellList cells = new(distance);
            foreach (Position position in positions)
                cells.Add(InBox(position));
            GridSize size = Map.Size;
            long beyond = 0, all = 0;
            for (int i = 0; i < Mask.Voxels.Values.Length; i++)
            {
                if (Mask.Voxels.Values[i] == 0)
                    continue;
                all++;
                Position place = new(i % size.NX * VoxelSize, i / size.NX % size.NY * VoxelSize, i / size.NX / size.NY * VoxelSize);
                beyond += cells.Find(place, distance, _ => true) < 0 ? 1 : 0;
            }
            return beyond / (double)all;
        }

        private int Voxel(double coordinate) => (int)Math.Round(coordinate / VoxelSize);

        private Position InBox(Position position)
        {
            (double x, double y, double z) = Map.Frame.FirstVoxel;
            return new Position(position.X - x, position.Y - y, position.Z - z);
        }
    }
}
