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
    private Complex32[]? _signal;

    public SimulatedParticle(int seed, int edge = 56, double voxel = 1.1, bool logarithmicField = false)
    {
        _random = new Random(seed);
        _edge = edge;
        _voxel = voxel;
        List<(Position Position, Element Element)> places = Chains();
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

    public AtomicModel Model { get; init; }

    public double[] TrueB { get; init; }

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
            Complex32[][] phases = Array.ConvertAll(members, i => Phases(Model.Atoms[i].Position, edge));
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
                        for (int m = 0; m < members.Length; m++)
                        {
                            Atom atom = Model.Atoms[members[m]];
                            sum += phases[m][x] * phases[m][_edge + y] * phases[m][(2 * _edge) + z]
                                * ((float)atom.Occupancy * MathF.Exp((float)(-TrueB[members[m]] / 4) * square));
                        }
                        sums[(((z * _edge) + y) * half) + x] += sum * (float)(formFactor!.At(Math.Sqrt(square)) * toMap);
                    }
                }
            });
        }
        return sums;
    }

    private Complex32[] Phases(Position p, double edge)
    {
        Complex32[] phases = new Complex32[3 * _edge];
        for (int i = 0; i < _edge; i++)
        {
            int f = 2 * i > _edge ? i - _edge : i;
            phases[i] = Wave(f * p.X);
            phases[_edge + i] = Wave(f * p.Y);
            phases[(2 * _edge) + i] = Wave(f * p.Z);
        }
        return phases;

        Complex32 Wave(double product)
        {
            double angle = -2 * Math.PI * product / edge;
            return new Complex32((float)Math.Cos(angle), (float)Math.Sin(angle));
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

    private List<(Position, Element)> Chains()
    {
        List<(Position, Element)> atoms = [];
        double centre = _edge * _voxel / 2;
        // Cylindrical coordinates of a helix's backbone (radius, angle, height), 100° and 1.5 Å a residue.
        (double R, double Angle, double Z, Element Element)[] helix =
        [
            (1.55, -28, -0.9, Element.Nitrogen), (2.29, 0, 0, Element.Carbon), (1.66, 26, 1.1, Element.Carbon),
            (2.0, 20, 2.3, Element.Oxygen), (3.3, -19, 0.3, Element.Carbon),
        ];
        double[][] axes = [[0, 0], [9.5, 0], [4.7, -8.3], [-4.7, -8.3], [-9.5, 0], [-4.7, 8.3], [14.2, -8.3]];
        foreach (double[] axis in axes)
        {
            double turn = 360 * _random.NextDouble(), lift = 3 * _random.NextDouble();
            for (int residue = 0; residue < 20; residue++)
            {
                foreach ((double radius, double angle, double height, Element element) in helix)
                {
                    double phi = (turn + angle + (100 * residue)) * Math.PI / 180;
                    atoms.Add((new Position(
                        centre + axis[0] + (radius * Math.Cos(phi)),
                        centre + axis[1] + (radius * Math.Sin(phi)),
                        centre - 15 + lift + height + (1.5 * residue)), element));
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
