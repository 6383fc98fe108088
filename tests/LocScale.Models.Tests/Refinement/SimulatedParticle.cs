using FFTW.NET;
using LocScale.Maps;
using MathNet.Numerics;

namespace LocScale.Models.Tests.Refinement;

/// <summary>
/// Helices, strands, waters and an ion with B-factors known, and half maps of them: structure factors summed directly,
/// no grid involved, plus Gaussian noise whose variance is that of a spectrum exp(−noiseB s²/2), scaled so that the
/// half maps' FSC falls to 0.143 at a given resolution.
/// </summary>
internal sealed unsafe class SimulatedParticle
{
    private readonly Random _random;
    private readonly int _edge;
    private readonly double _voxel;
    private readonly int _residues;
    private Complex32[]? _signal;

    private SimulatedParticle(int seed, int edge, double[][] axes, int residues, bool logarithmicField)
    {
        _random = new Random(seed);
        _edge = edge;
        _voxel = 1.1;
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

    /// <summary>Half maps whose FSC is 0.143 at the resolution, Å.</summary>
    public (DensityMap First, DensityMap Second) HalfMaps(double resolution, double noiseB = 0, float scale = 1)
    {
        MapSize size = new(_edge, _edge, _edge);
        using AlignedArray<float> real = new(size.Count);
        using AlignedArray<Complex32> spectrum = new((long)_edge * _edge * ((_edge / 2) + 1));
        using FftwPlanRC forwards = FftwPlanRC.Create(real, spectrum, [_edge, _edge, _edge], DftDirection.Forwards);
        using FftwPlanRC backwards = FftwPlanRC.Create(real, spectrum, [_edge, _edge, _edge], DftDirection.Backwards);
        Complex32[] signal = _signal ??= StructureFactors();
        double power = 0, weight = 0;
        ForEachCoefficient((place, square) =>
        {
            if (Math.Abs(Math.Sqrt(square) - (1 / resolution)) > 0.01)
                return;
            power += signal[place].MagnitudeSquared;
            weight += Math.Exp(-noiseB * square / 2);
        });
        double level = Math.Sqrt(power / weight / (0.143 / 0.857) / size.Count);
        return (Noisy(), Noisy());

        DensityMap Noisy()
        {
            for (long i = 0; i < real.Length; i++)
                real[i] = (float)(level * Normal());
            forwards.Execute();
            ForEachCoefficient((place, square) => spectrum[place] =
                ((spectrum[place] * (float)Math.Exp(-noiseB * square / 4)) + signal[place]) * (scale / size.Count));
            backwards.Execute();
            return new DensityMap(size, MapFrame.AtOrigin(size, _voxel), real.AsSpan().ToArray());
        }
    }

    private Complex32[] StructureFactors()
    {
        int half = (_edge / 2) + 1;
        Complex32[] sums = new Complex32[_edge * _edge * half];
        double edge = _edge * _voxel, toMap = 1 / (_voxel * _voxel * _voxel);
        foreach (IGrouping<Element, int> kind in Enumerable.Range(0, TrueB.Length).GroupBy(i => Model.Atoms[i].Element))
        {
            ElectronFormFactors.TryGet(kind.Key, out ElectronFormFactor? formFactor);
            int[] members = [.. kind];
            Complex32[][] waves = Array.ConvertAll(members, i => Waves(Model.Atoms[i], TrueB[i], edge));
            Parallel.For(0, _edge, z =>
            {
                for (int y = 0; y < _edge; y++)
                {
                    int fy = 2 * y > _edge ? y - _edge : y, fz = 2 * z > _edge ? z - _edge : z;
                    for (int x = 0; x < half; x++)
                    {
                        float square = (float)(((x * x) + (fy * fy) + (fz * fz)) / (edge * edge));
                        if (square > 0.25 / (_voxel * _voxel))
                            continue;
                        Complex32 sum = Complex32.Zero;
                        foreach (Complex32[] wave in waves)
                            sum += wave[x] * wave[_edge + y] * wave[(2 * _edge) + z];
                        sums[(((z * _edge) + y) * half) + x] += sum * (float)(formFactor!.At(Math.Sqrt(square)) * toMap);
                    }
                }
            });
        }
        return sums;
    }

    // occupancy · exp(−2πi h·x − B s²/4), a factor for each axis.
    private Complex32[] Waves(Atom atom, double b, double edge)
    {
        Complex32[] waves = new Complex32[3 * _edge];
        for (int i = 0; i < _edge; i++)
        {
            int f = 2 * i > _edge ? i - _edge : i;
            waves[i] = Wave(f, atom.Position.X) * (float)atom.Occupancy;
            waves[_edge + i] = Wave(f, atom.Position.Y);
            waves[(2 * _edge) + i] = Wave(f, atom.Position.Z);
        }
        return waves;

        Complex32 Wave(int f, double x)
        {
            double angle = -2 * Math.PI * f * x / edge, damping = Math.Exp(-b / 4 * f * f / (edge * edge));
            return new Complex32((float)(damping * Math.Cos(angle)), (float)(damping * Math.Sin(angle)));
        }
    }

    private void ForEachCoefficient(Action<int, double> action)
    {
        int half = (_edge / 2) + 1, place = 0;
        double edge = _edge * _voxel;
        for (int z = 0; z < _edge; z++)
        {
            for (int y = 0; y < _edge; y++)
            {
                for (int x = 0; x < half; x++)
                {
                    int fy = 2 * y > _edge ? y - _edge : y, fz = 2 * z > _edge ? z - _edge : z;
                    action(place++, ((x * x) + (fy * fy) + (fz * fz)) / (edge * edge));
                }
            }
        }
    }

    private List<(Position, Element)> Chains(double[][] axes)
    {
        List<(Position, Element)> atoms = [];
        double centre = _edge * _voxel / 2;
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
