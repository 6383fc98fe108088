using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Models.Symmetry;
using LocScale.Models.Tests.Density;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Models.Tests.Symmetry;

[TestFixture]
public sealed class SymmetricModelTests
{
    private static readonly GridSize[] Sizes = [new(48, 48, 48), new(47, 47, 47), new(46, 49, 52)];

    /// <summary>Every group in every size of box; one size of each, in turn, will do from day to day.</summary>
    private static IEnumerable<TestCaseData> GroupsAndSizes()
    {
        for (int group = 0; group < PointGroupTests.Names.Length; group++)
        {
            for (int size = 0; size < Sizes.Length; size++)
            {
                TestCaseData each = new(PointGroupTests.Names[group], Sizes[size]);
                yield return size == group % Sizes.Length ? each : each.SetCategory("Exhaustive");
            }
        }
    }

    private static IEnumerable<object[]> GroupsInOneSizeEach() =>
        PointGroupTests.Names.Select((name, i) => new object[] { name, Sizes[i % Sizes.Length] });

    [TestCaseSource(nameof(GroupsInOneSizeEach))]
    [Category("Long")]
    public void One_asymmetric_unit_and_the_complete_particle_give_the_same_map(string name, GridSize size)
    {
        IReadOnlyList<RigidMotion> motions = PointGroup.Parse(name).AboutCentreOf(size, 1);
        AtomicModel unit = AsymmetricUnit(size);
        AtomicModel complete = CompleteParticle(unit, motions);
        float[] ofUnit = SymmetricMap(unit, motions, size);
        float[] ofComplete = SymmetricMap(complete, motions, size);
        float[] plain = ModelMaps.Calculate(ScatteringModel.From(complete, default), size, 1);
        double largest = plain.Max();
        Assert.Multiple(() =>
        {
            Assert.That(LargestDifference(ofUnit, ofComplete), Is.LessThan(1e-5 * largest));
            Assert.That(LargestDifference(ofUnit, plain), Is.LessThan(1e-5 * largest));
        });
    }

    [TestCaseSource(nameof(GroupsAndSizes))]
    [Category("Long")]
    public void Symmetric_map_obeys_each_operator(string name, GridSize size)
    {
        PointGroup group = PointGroup.Parse(name);
        AtomicModel unit = AsymmetricUnit(size);
        IReadOnlyList<RigidMotion> motions = group.AboutCentreOf(size, 1);
        ScatteringModel symmetric = SymmetricModel.Complete(unit, ScatteringModel.From(unit, default), motions, size, 1);
        float[] map = ModelMaps.Calculate(symmetric, size, 1);
        double rms = Math.Sqrt(map.Average(value => (double)value * value));
        // Of the large groups, where each costs a map, every seventh: they hold generators.
        foreach (RigidMotion motion in motions.Where((_, i) => motions.Count < 20 || i % 7 == 1))
        {
            // The map rotated by rotating the atoms: exact on any grid, without an interpolation of the test's own.
            ScatteringModel rotated = SymmetricModel.Average(symmetric, [motion]);
            float[] turned = ModelMaps.Calculate(rotated, size, 1);
            Assert.That(RmsDifference(map, turned), Is.LessThan(1e-6 * rms));
            if (IsOnGrid(motion.Rotation) && size.NX == size.NY && size.NY == size.NZ)
                Assert.That(RmsDifference(map, Permuted(map, size, motion.Rotation)), Is.LessThan(1e-6 * rms));
        }
    }

    [Test]
    public void Some_of_the_subunits_are_not_counted_twice()
    {
        GridSize size = new(48, 48, 48);
        IReadOnlyList<RigidMotion> motions = PointGroup.Parse("D3").AboutCentreOf(size, 1);
        AtomicModel unit = AsymmetricUnit(size);
        AtomicModel dimer = CompleteParticle(unit, [motions[0], motions[3]]);
        AtomicModel trimer = CompleteParticle(unit, [.. motions.Take(3)]);
        float[] expected = SymmetricMap(unit, motions, size);
        Assert.Multiple(() =>
        {
            Assert.That(LargestDifference(SymmetricMap(dimer, motions, size), expected), Is.LessThan(1e-5 * expected.Max()));
            Assert.That(LargestDifference(SymmetricMap(trimer, motions, size), expected), Is.LessThan(1e-5 * expected.Max()));
        });
    }

    [Test]
    public void Subunits_that_differ_a_little_are_averaged_loops_included()
    {
        GridSize size = new(48, 48, 48);
        IReadOnlyList<RigidMotion> motions = PointGroup.Parse("C3").AboutCentreOf(size, 1);
        AtomicModel complete = CompleteParticle(AsymmetricUnit(size), motions);
        // The last atoms of the second subunit have moved away by 3 Å.
        int perUnit = complete.Atoms.Length / 3;
        AtomicModel uneven = complete with
        {
            Atoms = [.. complete.Atoms.Select((atom, i) => i >= (2 * perUnit) - 4 && i < 2 * perUnit
                ? atom with { Position = atom.Position with { Z = atom.Position.Z + 3 } }
                : atom)],
        };
        ScatteringModel symmetric = SymmetricModel.Complete(uneven, ScatteringModel.From(uneven, default), motions, size, 1);
        Assert.That(symmetric.Atoms.Sum(atom => atom.Occupancy), Is.EqualTo(complete.Atoms.Length).Within(1e-9));
    }

    [Test]
    public void An_atom_on_the_axis_is_one_atom()
    {
        GridSize size = new(48, 48, 48);
        IReadOnlyList<RigidMotion> motions = PointGroup.Parse("C4").AboutCentreOf(size, 1);
        AtomicModel model = new() { Atoms = [new Atom(new Position(24, 24, 10), Element.FromSymbol("ZN"), 1, 20, "ZN", 0, 1)] };
        ScatteringModel symmetric = SymmetricModel.Complete(model, ScatteringModel.From(model, default), motions, size, 1);
        Assert.That(symmetric.Atoms.Single().Occupancy, Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void Averaged_as_by_LocScale_2_the_map_matches_that_of_LocScale_wherever_that_is_exact()
    {
        DensityMap expected = MrcReader.Read(SharedData.Path("reference/synthetic_96/expected_model_map_C4.mrc"));
        AtomicModel atoms = ModelReader.Read(SharedData.Path("reference/synthetic_96/model.pdb"));
        GridSize size = expected.Size;
        double voxelSize = expected.Frame.VoxelSize;
        ScatteringModel averaged = SymmetricModel.Average(
            ScatteringModel.From(atoms, default), PointGroup.Parse("C4").AboutCentreOf(size, voxelSize));
        float[] actual = ModelMaps.CalculateLikeLocScale2(averaged, size, voxelSize, threads: 2);
        double[] errors = MapCoefficients.ShellErrors(
            MapCoefficients.Of(actual, size, voxelSize), MapCoefficients.Of(expected.Values, size, voxelSize), size, 12);
        TestContext.Out.WriteLine(string.Join(' ', errors.Select(error => error.ToString("E1"))));
        Assert.That(errors[..12].Max(), Is.LessThan(1e-4));
    }

    [TestCase(27.5, -166.7, "z")]
    [TestCase(5.5, 30, "x")]
    [TestCase(9, 100, "y")]
    public void A_helix_of_one_subunit_or_of_several_fills_the_box_once(double rise, double twist, string axis)
    {
        GridSize size = new(50, 52, 54);
        Position direction = axis == "x" ? new(1, 0, 0) : axis == "y" ? new(0, 1, 0) : new(0, 0, 1);
        IReadOnlyList<RigidMotion> motions = new HelicalSymmetry(rise, twist, direction).MotionsIn(size, 2);
        AtomicModel unit = AsymmetricUnit(new GridSize(100, 104, 108), bySteps: 30);
        AtomicModel three = CompleteParticle(unit, [motions[0], motions[1], motions[2]]);
        ScatteringModel ofUnit = SymmetricModel.Complete(unit, ScatteringModel.From(unit, default), motions, size, 2);
        ScatteringModel ofThree = SymmetricModel.Complete(three, ScatteringModel.From(three, default), motions, size, 2);
        float[] expected = ModelMaps.Calculate(ofUnit, size, 2);
        float[] actual = ModelMaps.Calculate(ofThree, size, 2);
        int subunits = (int)((axis == "x" ? 100 : axis == "y" ? 104 : 108) / rise);
        Assert.Multiple(() =>
        {
            Assert.That(ofUnit.Atoms, Has.Length.InRange((subunits - 2) * unit.Atoms.Length, (subunits + 2) * unit.Atoms.Length));
            Assert.That(
                ofThree.Atoms.Sum(atom => atom.Occupancy), Is.EqualTo(ofUnit.Atoms.Sum(atom => atom.Occupancy)).Within(1e-9));
            Assert.That(LargestDifference(actual, expected), Is.LessThan(1e-5 * expected.Max()));
        });
    }

    [Test]
    public void The_protomer_of_actin_becomes_the_filament()
    {
        DensityMap map = MrcReader.Read(SharedData.Path("data/actin/emd_5168.map"));
        AtomicModel model = ModelReader.Read(SharedData.Path("data/actin/3MFP.pdb"));
        double voxelSize = map.Frame.VoxelSize;
        ModelPlacement placement = ModelPlacement.InFrameOf(model, map.Size, map.Frame, "emd_5168.map");
        // EMD-5168: 27.3 Å, −166.6°.
        IReadOnlyList<RigidMotion> motions = new HelicalSymmetry(27.3, -166.6, new(0, 0, 1)).MotionsIn(map.Size, voxelSize);
        ScatteringModel filament = SymmetricModel.Complete(model, placement.All, motions, map.Size, voxelSize);
        float[] values = ModelMaps.Calculate(filament, map.Size, voxelSize, threads: 2);
        double correlation = ModelMaps.Correlation(map.Values, values, filament, map.Size, voxelSize);
        TestContext.Out.WriteLine($"{correlation:0.000} with {filament.Atoms.Length} atoms of {placement.AtomsInside}");
        Assert.That(correlation, Is.GreaterThan(0.6));
        Assert.That(filament.Atoms, Has.Length.GreaterThan(4 * placement.AtomsInside));
    }

    [Test]
    public void A_rise_of_nothing_is_refused() =>
        Assert.That(
            () => new HelicalSymmetry(0, 10, new Position(0, 0, 1)).MotionsIn(new GridSize(10, 10, 10), 1),
            Throws.TypeOf<InputException>());

    /// <summary>Atoms off all axes, within 8 Å of a place 13 Å from the centre.</summary>
    private static AtomicModel AsymmetricUnit(GridSize size, int bySteps = 13)
    {
        Random random = new(5);
        Position centre = new((size.NX / 2) + (0.8 * bySteps), (size.NY / 2) + (0.35 * bySteps), (size.NZ / 2) + (0.25 * bySteps));
        Atom[] atoms = new Atom[20];
        for (int i = 0; i < atoms.Length; i++)
        {
            Position position = new(centre.X + Offset(), centre.Y + Offset(), centre.Z + Offset());
            atoms[i] = new Atom(position, i % 3 == 0 ? Element.Oxygen : Element.Carbon, 1, 30 + i, $"A{i}", 0, i + 1,
                AnisotropicIndex: i % 7 == 0 ? i / 7 : -1);
        }
        return new AtomicModel
        {
            Atoms = atoms,
            Residues = [new Residue("GLY", "A", 1, '\0')],
            Anisotropic = [.. Enumerable.Range(0, 3).Select(_ => RandomModel.RandomTensor(random, 20, 60))],
        };

        double Offset() => 4 * (random.NextDouble() - 0.5);
    }

    private static AtomicModel CompleteParticle(AtomicModel unit, IReadOnlyList<RigidMotion> motions) => unit with
    {
        Atoms =
        [
            .. motions.SelectMany((motion, copy) => unit.Atoms.Select(atom => atom with
            {
                Position = motion.Apply(atom.Position),
                ResidueIndex = copy,
                AnisotropicIndex = atom.AnisotropicIndex < 0 ? -1 : (copy * unit.Anisotropic.Length) + atom.AnisotropicIndex,
            })),
        ],
        Residues = [.. motions.Select((_, copy) => new Residue("GLY", $"{copy}", 1, '\0'))],
        Anisotropic = [.. motions.SelectMany(motion => unit.Anisotropic.Select(motion.Rotation.Apply))],
    };

    private static float[] SymmetricMap(AtomicModel model, IReadOnlyList<RigidMotion> motions, GridSize size) =>
        ModelMaps.Calculate(
            SymmetricModel.Complete(model, ScatteringModel.From(model, default), motions, size, 1), size, 1);

    private static bool IsOnGrid(Rotation rotation) => new[]
    {
        rotation.XX, rotation.XY, rotation.XZ, rotation.YX, rotation.YY, rotation.YZ, rotation.ZX, rotation.ZY, rotation.ZZ,
    }.All(element => element == Math.Round(element));

    /// <summary>The map with its voxels where a rotation takes them; the box is periodic.</summary>
    private static float[] Permuted(float[] map, GridSize size, Rotation rotation)
    {
        float[] permuted = new float[map.Length];
        int centre = size.NX / 2;
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                for (int x = 0; x < size.NX; x++)
                {
                    Position place = rotation.Apply(new Position(x - centre, y - centre, z - centre));
                    int i = size.Index(Wrapped(place.X), Wrapped(place.Y), Wrapped(place.Z));
                    permuted[i] = map[size.Index(x, y, z)];
                }
            }
        }
        return permuted;

        int Wrapped(double fromCentre) => ((int)fromCentre + centre + size.NX) % size.NX;
    }

    private static double RmsDifference(float[] first, float[] second)
    {
        double sum = 0;
        for (int i = 0; i < first.Length; i++)
            sum += ((double)first[i] - second[i]) * ((double)first[i] - second[i]);
        return Math.Sqrt(sum / first.Length);
    }

    private static double LargestDifference(float[] first, float[] second)
    {
        double largest = 0;
        for (int i = 0; i < first.Length; i++)
            largest = Math.Max(largest, Math.Abs((double)first[i] - second[i]));
        return largest;
    }
}
