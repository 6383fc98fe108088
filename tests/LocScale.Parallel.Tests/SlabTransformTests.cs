using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel.Tests;

public class SlabTransformTests
{
    private static readonly GridSize[] Sizes =
        [new(16, 16, 16), new(20, 21, 18), new(7, 12, 5), new(32, 3, 9), new(14, 10, 1), new(48, 250, 5)];

    [Test]
    public void Coefficients_are_those_of_a_plain_transform_and_the_same_on_any_number_of_ranks(
        [ValueSource(nameof(Sizes))] GridSize size, [Values(1, 2, 3, 5, 8)] int ranks, [Values(1, 3)] int threads)
    {
        float[] values = RandomValues(size);
        Complex32[] found = Spectrum(size, ranks, threads, values);
        Assert.That(found, Is.EqualTo(Spectrum(size, 1, 1, values)), "bits");

        int half = (size.NX / 2) + 1;
        using AlignedArray<double> real = new(size.Count);
        using AlignedArray<System.Numerics.Complex> plain = new((long)size.NZ * size.NY * half);
        using FftwPlanRC plan = FftwPlanRC.Create(real, plain, [size.NZ, size.NY, size.NX], DftDirection.Forwards);
        for (int i = 0; i < values.Length; i++)
            real[i] = values[i];
        plan.Execute();
        double largest = 0;
        for (int i = 0; i < found.Length; i++)
        {
            largest = Math.Max(largest, Math.Max(
                Math.Abs(found[i].Real - plain[i].Real), Math.Abs(found[i].Imaginary - plain[i].Imaginary)));
        }
        // Coefficients of noise have a root mean square of √Count.
        Assert.That(largest / Math.Sqrt(size.Count), Is.LessThan(3e-6));
    }

    [Test]
    public void Back_and_forth_returns_the_map_with_the_same_bits_on_any_number_of_ranks(
        [ValueSource(nameof(Sizes))] GridSize size, [Values(1, 2, 3, 5, 8)] int ranks)
    {
        float[] values = RandomValues(size), alone = BackAndForth(1), found = BackAndForth(ranks);
        Assert.That(found, Is.EqualTo(alone));
        for (int i = 0; i < values.Length; i++)
            Assert.That(found[i], Is.EqualTo(values[i]).Within(3e-6));

        float[] BackAndForth(int count) => OnRanks(count, 2, size, values, (transform, real) =>
        {
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            transform.Forwards(real, spectrum);
            real.AsSpan().Clear();
            transform.Backwards(spectrum, real);
            return Unpadded(real, size.NX, transform.RealStride, v => v / size.Count);
        });
    }

    [Test]
    public void Shell_sums_are_those_of_a_plain_loop_and_the_same_on_any_number_of_ranks(
        [ValueSource(nameof(Sizes))] GridSize size, [Values(1, 2, 3, 5, 8)] int ranks)
    {
        // Edges that put no coefficient between two shells, where rounding decides.
        const double voxelX = 1.1731, voxelY = 1.2377, voxelZ = 1.3119, limit = 0.35;
        float[] values = RandomValues(size);
        (double[] counts, double[] power, double perFrequency) = Sums(ranks, 2);
        Assert.That((counts, power), Is.EqualTo((Sums(1, 1).Counts, Sums(1, 1).Power)));

        Complex32[] spectrum = Spectrum(size, 1, 1, values);
        double[] expectedCounts = new double[counts.Length], expectedPower = new double[counts.Length];
        for (int z = 0; z < size.NZ; z++)
        {
            for (int y = 0; y < size.NY; y++)
            {
                // All of x: the half that is not stored has the amplitudes of the mates.
                for (int x = 0; x < size.NX; x++)
                {
                    double s = Math.Sqrt(Square(x, size.NX, voxelX) + Square(y, size.NY, voxelY) + Square(z, size.NZ, voxelZ));
                    if (s >= limit)
                        continue;
                    bool isMate = 2 * x > size.NX;
                    int place = isMate
                        ? Place(size.NX - x, (size.NY - y) % size.NY, (size.NZ - z) % size.NZ)
                        : Place(x, y, z);
                    int shell = (int)((s * perFrequency) + 0.5);
                    expectedCounts[shell]++;
                    expectedPower[shell] += Math.Pow(spectrum[place].Magnitude, 2);
                }
            }
        }
        Assert.That(counts, Is.EqualTo(expectedCounts));
        Assert.That(power, Is.EqualTo(expectedPower).Within(1e-3).Percent);

        double Square(int i, int n, double voxel) => Math.Pow((2 * i > n ? i - n : i) / (n * voxel), 2);

        int Place(int x, int y, int z) => (((z * size.NY) + y) * ((size.NX / 2) + 1)) + x;

        (double[] Counts, double[] Power, double PerFrequency) Sums(int count, int threads)
        {
            (double[] Counts, double[] Power, double PerFrequency)[] all = ThreadTeam.Run(count, team =>
            {
                using SlabTransform transform = new(size, team, threads);
                using AlignedArray<float> real = Slab(transform, values);
                using AlignedArray<Complex32> coefficients = transform.NewSpectrum();
                transform.Forwards(real, coefficients);
                SpectrumGrid grid = new(transform, (size.NX * voxelX, size.NY * voxelY, size.NZ * voxelZ), limit, team);
                return (grid.Counts, grid.Product(coefficients, coefficients), grid.ShellsPerFrequency);
            });
            foreach ((double[] Counts, double[] Power, double PerFrequency) rank in all)
                Assert.That((rank.Counts, rank.Power), Is.EqualTo((all[0].Counts, all[0].Power)), "all ranks know the sums");
            return all[0];
        }
    }

    private static float[] RandomValues(GridSize size)
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, (int)size.Count).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Sqrt(12)))];
    }

    /// <summary>The coefficients of all ranks, [z][y][x].</summary>
    private static Complex32[] Spectrum(GridSize size, int ranks, int threads, float[] values)
    {
        Complex32[] rows = OnRanks(ranks, threads, size, values, (transform, real) =>
        {
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            transform.Forwards(real, spectrum);
            return Unpadded(spectrum, transform.HalfX, transform.SpectrumStride, v => v);
        });
        int half = (size.NX / 2) + 1;
        Complex32[] turned = new Complex32[rows.Length];
        for (int y = 0; y < size.NY; y++)
        {
            for (int z = 0; z < size.NZ; z++)
                Array.Copy(rows, ((y * size.NZ) + z) * half, turned, ((z * size.NY) + y) * half, half);
        }
        return turned;
    }

    private static T[] OnRanks<T>(
        int ranks, int threads, GridSize size, float[] values, Func<SlabTransform, AlignedArray<float>, T[]> body) =>
    [
        .. ThreadTeam.Run(ranks, team =>
        {
            using SlabTransform transform = new(size, team, threads);
            using AlignedArray<float> real = Slab(transform, values);
            return body(transform, real);
        }).SelectMany(part => part),
    ];

    private static AlignedArray<float> Slab(SlabTransform transform, float[] values)
    {
        GridSize size = transform.Size;
        AlignedArray<float> real = transform.NewReal();
        for (int row = 0; row < transform.PlaneCount * size.NY; row++)
        {
            values.AsSpan(((transform.FirstPlane * size.NY) + row) * size.NX, size.NX)
                .CopyTo(real.AsSpan((long)row * transform.RealStride, size.NX));
        }
        return real;
    }

    private static T[] Unpadded<T>(AlignedArray<T> padded, int length, int stride, Func<T, T> change)
        where T : unmanaged =>
        [.. Enumerable.Range(0, (int)(padded.Length / stride)).SelectMany(row =>
            padded.AsSpan((long)row * stride, length).ToArray().Select(change))];
}
