using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Refinement.Tests;

/// <summary>
/// Helices, strands, waters and an ion with B-factors known that vary smoothly, with some scatter, and half maps of them.
/// </summary>
internal sealed class SimulatedParticle
{
    private const double Voxel = 1.1;

    private readonly Random _random;
    private readonly int _edge;
    private readonly int _residues;
    private SimulatedHalfMaps? _maps;

    private SimulatedParticle(int seed, int edge, double[][] axes, int residues, bool logarithmicField)
    {
        _random = new Random(seed);
        _edge = edge;
        _residues = residues;
        List<(Position Position, Element Element)> places = Chains(axes);
        double level = 35 + (40 * _random.NextDouble()), width = 7 + (5 * _random.NextDouble());
        double jitter = 2 + (5 * _random.NextDouble());
        (double X, double Y, double Z, double Phase)[] waves = new (double, double, double, double)[200];
        for (int i = 0; i < waves.Length; i++)
            waves[i] = (Normal() / width, Normal() / width, Normal() / width, 2 * Math.PI * _random.NextDouble());
        TrueB = new double[places.Count];
        Atom[] atoms = new Atom[places.Count];
        for (int i = 0; i < atoms.Length; i++)
        {
            Position p = places[i].Position;
            double field = 0;
            foreach ((double x, double y, double z, double phase) in waves)
                field += Math.Sqrt(2.0 / waves.Length) * Math.Cos((x * p.X) + (y * p.Y) + (z * p.Z) + phase);
            double smooth = logarithmicField ? level * Math.Exp(0.4 * field) : level * (1 + (0.4 * field));
            TrueB[i] = Math.Clamp(Math.Max(smooth, 12) + (jitter * Normal()), 8, 200);
            atoms[i] = new Atom(p, places[i].Element, 1, 40, places[i].Element.Symbol, -1, i + 1);
        }
        Model = new AtomicModel { Atoms = atoms };
    }

    /// <summary>Seven helices of 20 residues: 753 atoms.</summary>
    public SimulatedParticle(int seed, bool logarithmicField = false)
        : this(seed, 56, [[0, 0], [9.5, 0], [4.7, -8.3], [-4.7, -8.3], [-9.5, 0], [-4.7, 8.3], [14.2, -8.3]], 20, logarithmicField)
    {
    }

    public AtomicModel Model { get; init; }

    public double[] TrueB { get; init; }

    /// <summary>36 helices of 30 residues: 5,453 atoms.</summary>
    public static SimulatedParticle Large(int seed, bool logarithmicField)
    {
        const double spacing = 9.5;
        List<double[]> axes = [];
        for (int a = -3; a <= 3; a++)
        {
            for (int b = Math.Max(-3, -3 - a); b <= Math.Min(3, 3 - a); b++)
            {
                // The strand is here.
                if ((a, b) != (0, 1))
                    axes.Add([spacing * (a + (0.5 * b)), spacing * Math.Sqrt(0.75) * b]);
            }
        }
        return new SimulatedParticle(seed, 88, [.. axes], 30, logarithmicField);
    }

    /// <summary>Half maps whose FSC is 0.143 at the resolution, Å; others with every call.</summary>
    public (DensityMap First, DensityMap Second) HalfMaps(double resolution, double noiseB = 0, float scale = 1) =>
        (_maps ??= new SimulatedHalfMaps(Model.Atoms, TrueB, _edge, Voxel)).Noisy(resolution, _random, noiseB, scale);

    private List<(Position, Element)> Chains(double[][] axes)
    {
        List<(Position, Element)> atoms = [];
        double centre = _edge * Voxel / 2;
        // Cylindrical coordinates of a helix's backbone (radius, angle, height), 100° and 1.5 Å a residue.
        (double R, double Angle, double Z, Element Element)[] helix =
        [
            (1.55, -28, -0.9, Element.Nitrogen), (2.29, 0, 0, Element.Carbon), (1.66, 26, 1.1, Element.Carbon),
            (2.0, 20, 2.3, Element.Oxygen), (3.3, -19, 0.3, Element.Carbon),
        ];
        foreach (double[] axis in axes)
        {
            double turn = 360 * _random.NextDouble(), lift = 3 * _random.NextDouble();
            for (int residue = 0; residue < _residues; residue++)
            {
                foreach ((double radius, double angle, double height, Element element) in helix)
                {
                    double phi = (turn + angle + (100 * residue)) * Math.PI / 180;
                    atoms.Add((new Position(
                        centre + axis[0] + (radius * Math.Cos(phi)),
                        centre + axis[1] + (radius * Math.Sin(phi)),
                        centre - (0.75 * _residues) + lift + height + (1.5 * residue)), element));
                }
            }
        }
        // A strand: 3.3 Å a residue, in a zigzag.
        for (int residue = 0; residue < 8; residue++)
        {
            double side = residue % 2 == 0 ? 1 : -1, z = centre - 12 + (3.3 * residue), x = centre + 4.5, y = centre + 9;
            atoms.Add((new Position(x + (0.3 * side), y, z - 1.2), Element.Nitrogen));
            atoms.Add((new Position(x + (0.8 * side), y, z), Element.Carbon));
            atoms.Add((new Position(x + (0.3 * side), y, z + 1.3), Element.Carbon));
            atoms.Add((new Position(x + (0.3 * side), y + (1.2 * side), z + 1.4), Element.Oxygen));
            atoms.Add((new Position(x + (2.2 * side), y + 0.5, z), Element.Carbon));
        }
        for (int water = 0; water < 12; water++)
        {
            double phi = 2 * Math.PI * water / 12;
            atoms.Add((new Position(
                centre + 2 + (16 * Math.Cos(phi)), centre + (16 * Math.Sin(phi)), centre - 8 + (1.4 * water)), Element.Oxygen));
        }
        atoms.Add((new Position(centre + 3.2, centre + 5, centre), Element.FromSymbol("Zn")));
        return atoms;
    }

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
