using FFTW.NET;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Refinement.Tests;

/// <summary>
/// Half maps of any atoms in a cubic box: structure factors summed directly, no grid involved, plus noise of a spectrum
/// exp(−noiseB s²/2). Atoms repeat with the box.
/// </summary>
internal sealed unsafe class SimulatedHalfMaps
{
    private readonly int _edge;
    private readonly double _voxel;
    private readonly Complex32[] _signal;

    public SimulatedHalfMaps(Atom[] atoms, double[] b, int edge, double voxel)
    {
        (_edge, _voxel) = (edge, voxel);
        _signal = StructureFactors(atoms, b);
    }

    /// <summary>Symmetry operations as permutations of the voxels, which the noise obeys.</summary>
    public IReadOnlyList<Func<(int X, int Y, int Z), (int X, int Y, int Z)>> Operations { get; init; } = [v => v];

    /// <summary>Half maps whose FSC is 0.143 at the resolution, Å.</summary>
    public (DensityMap First, DensityMap Second) Noisy(double resolution, Random random, double noiseB = 0, float scale = 1)
    {
        double power = 0, weight = 0;
        ForEachCoefficient((place, square) =>
        {
            if (Math.Abs(Math.Sqrt(square) - (1 / resolution)) > 0.01)
                return;
            power += _signal[place].MagnitudeSquared;
            weight += Math.Exp(-noiseB * square / 2);
        });
        GridSize size = new(_edge, _edge, _edge);
        double level = Math.Sqrt(power / weight / (0.143 / 0.857) / size.Count);
        return (Map(level, random, noiseB, scale), Map(level, random, noiseB, scale));
    }

    private DensityMap Map(double level, Random random, double noiseB, float scale)
    {
        GridSize size = new(_edge, _edge, _edge);
        float[] noise = new float[size.Count];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = (float)(level * Normal(random));
        using AlignedArray<float> real = new(size.Count);
        using AlignedArray<Complex32> spectrum = new((long)_edge * _edge * ((_edge / 2) + 1));
        using FftwPlanRC forwards = FftwPlanRC.Create(real, spectrum, [_edge, _edge, _edge], DftDirection.Forwards);
        using FftwPlanRC backwards = FftwPlanRC.Create(real, spectrum, [_edge, _edge, _edge], DftDirection.Backwards);
        Symmetrise(noise, size).CopyTo(real.AsSpan());
        forwards.Execute();
        ForEachCoefficient((place, square) => spectrum[place] =
            ((spectrum[place] * (float)Math.Exp(-noiseB * square / 4)) + _signal[place]) * (scale / size.Count));
        backwards.Execute();
        return new DensityMap(size, MapFrame.AtOrigin(size, _voxel), real.AsSpan().ToArray());
    }

    private float[] Symmetrise(float[] noise, GridSize size)
    {
        float[] result = new float[noise.Length];
        float scale = 1 / MathF.Sqrt(Operations.Count);
        for (int i = 0; i < noise.Length; i++)
        {
            (int X, int Y, int Z) voxel = (i % _edge, i / _edge % _edge, i / _edge / _edge);
            float sum = 0;
            foreach (Func<(int X, int Y, int Z), (int X, int Y, int Z)> operation in Operations)
            {
                (int x, int y, int z) = operation(voxel);
                sum += noise[size.Index(Wrap(x), Wrap(y), Wrap(z))];
            }
            result[i] = scale * sum;
        }
        return result;

        int Wrap(int v) => ((v % _edge) + _edge) % _edge;
    }

    private Complex32[] StructureFactors(Atom[] atoms, double[] b)
    {
        int half = (_edge / 2) + 1;
        Complex32[] sums = new Complex32[_edge * _edge * half];
        double edge = _edge * _voxel, toMap = 1 / (_voxel * _voxel * _voxel);
        foreach (IGrouping<Element, int> kind in Enumerable.Range(0, atoms.Length)
            .Where(i => atoms[i].Occupancy > 0 && ElectronFormFactors.Contains(atoms[i].Element))
            .GroupBy(i => atoms[i].Element))
        {
            ElectronFormFactors.TryGet(kind.Key, out ElectronFormFactor? formFactor);
            int[] members = [.. kind];
            Complex32[][] waves = Array.ConvertAll(members, i => Waves(atoms[i], b[i], edge));
            ThreadedLoop.Run(_edge, Environment.ProcessorCount, z =>
            {
                Complex32[] row = new Complex32[half];
                for (int y = 0; y < _edge; y++)
                {
                    int end = 0;
                    while (end < half && Square(end, y, z) <= 0.25 / (_voxel * _voxel))
                        end++;
                    Array.Clear(row);
                    foreach (Complex32[] wave in waves)
                    {
                        Complex32 yz = wave[_edge + y] * wave[(2 * _edge) + z];
                        for (int x = 0; x < end; x++)
                            row[x] += wave[x] * yz;
                    }
                    for (int x = 0; x < end; x++)
                    {
                        double frequency = Math.Sqrt(Square(x, y, z));
                        sums[(((z * _edge) + y) * half) + x] += row[x] * (float)(formFactor!.At(frequency) * toMap);
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

    private double Square(int x, int y, int z)
    {
        int fy = 2 * y > _edge ? y - _edge : y, fz = 2 * z > _edge ? z - _edge : z;
        return ((x * x) + (fy * fy) + (fz * fz)) / (_edge * _voxel * _edge * _voxel);
    }

    private void ForEachCoefficient(Action<int, double> action)
    {
        int half = (_edge / 2) + 1, place = 0;
        for (int z = 0; z < _edge; z++)
        {
            for (int y = 0; y < _edge; y++)
            {
                for (int x = 0; x < half; x++)
                    action(place++, Square(x, y, z));
            }
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
