using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>
/// Three helices to a subunit, off the axes, and a symmetric particle of such subunits, B-factors known: C2, C4, C5, D2 or
/// a helix of four subunits, 90° each, in the length of the box, which goes on beyond it.
/// </summary>
internal sealed class SymmetricParticle
{
    private readonly int _edge;
    private readonly double _voxel;

    public SymmetricParticle(string symmetry, int seed, int edge = 56, double voxel = 1.1)
    {
        (_edge, _voxel, Symmetry) = (edge, voxel, symmetry);
        GridSize size = new(edge, edge, edge);
        Motions = symmetry == "helix"
            ? [.. new HelicalSymmetry(edge * voxel / 4, 90, new Position(0, 0, 1)).MotionsIn(size, voxel)]
            : [.. PointGroup.Parse(symmetry).AboutCentreOf(size, voxel)];
        Random random = new(seed);
        double level = 35 + (30 * random.NextDouble());
        List<Atom> atoms = [];
        List<Residue> residues = [];
        // The first helix touches its copies.
        double fromAxis = symmetry switch { "C4" => 6.1, "C5" => 7.6, "helix" => 3.4, _ => 4.4 };
        foreach ((double x, double y) in ((double, double)[])[(fromAxis, 1.2), (13.6, 4.5), (10.5, 12.8)])
            AddHelix(atoms, residues, x, y, random.NextDouble() * 360);
        Unit = new AtomicModel { Atoms = [.. atoms], Residues = [.. residues] };
        UnitB = Array.ConvertAll(Unit.Atoms, a => Math.Max(10, (level
            * (1 + (0.5 * Math.Sin((a.Position.X / 5) + (a.Position.Z / 7))))) + (8 * (random.NextDouble() - 0.5))));
    }

    public string Symmetry { get; }

    /// <summary>One subunit, chain A.</summary>
    public AtomicModel Unit { get; init; }

    public double[] UnitB { get; init; }

    /// <summary>The identity first.</summary>
    public RigidMotion[] Motions { get; }

    /// <summary>How many subunits fill the box.</summary>
    public int Order => Symmetry == "helix" ? 4 : Motions.Length;

    public double Centre => _edge / 2 * _voxel;

    /// <summary>Subunits, each a chain of its own, A, B, …, by the motions of these numbers.</summary>
    public AtomicModel Subunits(params IEnumerable<int> motions)
    {
        List<Atom> atoms = [];
        List<Residue> residues = [];
        foreach (int m in motions)
        {
            int first = residues.Count;
            residues.AddRange(Unit.Residues.Select(r => r with { Chain = ((char)('A' + m)).ToString() }));
            atoms.AddRange(Unit.Atoms.Select(a => a with
            {
                Position = Motions[m].Apply(a.Position),
                ResidueIndex = a.ResidueIndex < 0 ? -1 : first + a.ResidueIndex,
            }));
        }
        return new AtomicModel { Atoms = [.. atoms], Residues = [.. residues] };
    }

    /// <summary>All subunits that lie in the box or reach into it.</summary>
    public AtomicModel Complete() => Subunits(Enumerable.Range(0, Motions.Length).Where(m =>
        Unit.Atoms.Any(a => Math.Abs(Motions[m].Apply(a.Position).Z - Centre) < _edge * _voxel / 2)));

    /// <summary>
    /// Half maps whose FSC is 0.143 at the resolution, Å; symmetric, or with noise of its own in every copy.
    /// </summary>
    public (DensityMap First, DensityMap Second) HalfMaps(double resolution, int seed, bool symmetricNoise = true)
    {
        // The helix repeats with the box, as do simulated maps.
        IEnumerable<RigidMotion> once = Symmetry == "helix"
            ? Enumerable.Range(0, 4).Select(i => Motions[i == 0 ? 0 : (2 * i) - 1])
            : Motions;
        List<Atom> atoms = [];
        List<double> b = [];
        foreach (RigidMotion motion in once)
        {
            for (int i = 0; i < Unit.Atoms.Length; i++)
            {
                Position place = motion.Apply(Unit.Atoms[i].Position);
                // Atoms on an axis are there once.
                if (motion != Motions[0] && place.SquaredDistance(Unit.Atoms[i].Position) < 0.01)
                    continue;
                atoms.Add(Unit.Atoms[i] with { Position = place });
                b.Add(UnitB[i]);
            }
        }
        return new SimulatedHalfMaps([.. atoms], [.. b], _edge, _voxel)
        {
            Operations = symmetricNoise ? Operations() : [v => v],
        }.Noisy(resolution, new Random(seed));
    }

    private Func<(int X, int Y, int Z), (int X, int Y, int Z)>[] Operations()
    {
        int n = 2 * (_edge / 2), quarter = _edge / 4;
        return Symmetry switch
        {
            "C2" => [v => v, v => (n - v.X, n - v.Y, v.Z)],
            "C4" => [v => v, v => (n - v.Y, v.X, v.Z), v => (n - v.X, n - v.Y, v.Z), v => (v.Y, n - v.X, v.Z)],
            "D2" => [v => v, v => (n - v.X, n - v.Y, v.Z), v => (v.X, n - v.Y, n - v.Z), v => (n - v.X, v.Y, n - v.Z)],
            _ =>
            [
                v => v,
                v => (n - v.Y, v.X, v.Z + quarter),
                v => (n - v.X, n - v.Y, v.Z + (2 * quarter)),
                v => (v.Y, n - v.X, v.Z + (3 * quarter)),
            ],
        };
    }

    private void AddHelix(List<Atom> atoms, List<Residue> residues, double x, double y, double turn)
    {
        (string Name, double R, double Angle, double Z)[] backbone =
        [
            ("N", 1.55, -28, -0.9), ("CA", 2.29, 0, 0), ("C", 1.66, 26, 1.1), ("O", 2.0, 20, 2.3), ("CB", 3.3, -19, 0.3),
        ];
        double length = Symmetry == "helix" ? 8 : 11;
        for (int residue = 0; residue < length; residue++)
        {
            residues.Add(new Residue("ALA", "A", residues.Count + 1, '\0'));
            foreach ((string name, double radius, double angle, double height) in backbone)
            {
                double phi = (turn + angle + (100 * residue)) * Math.PI / 180;
                Position place = new(
                    Centre + x + (radius * Math.Cos(phi)), Centre + y + (radius * Math.Sin(phi)),
                    Centre + 2.6 + height + (1.5 * residue));
                atoms.Add(new Atom(
                    place, Element.FromSymbol(name[..1]), 1, 40, name, residues.Count - 1, atoms.Count + 1));
            }
        }
    }
}
