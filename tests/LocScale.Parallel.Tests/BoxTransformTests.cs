using FFTW.NET;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Parallel.Tests;

public class BoxTransformTests
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
    public void Reading_and_writing_rows_gives_the_bits_of_planes_in_memory_on_any_number_of_ranks(
        [ValueSource(nameof(Sizes))] GridSize size, [Values(1, 2, 3, 8)] int ranks, [Values(1, 3)] int threads)
    {
        float[] values = RandomValues(size);
        float[] expected = OnRanks(1, 1, size, values, (transform, real) =>
        {
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            transform.Forwards(real, spectrum);
            transform.Backwards(spectrum, real);
            return Unpadded(real, size.NX, transform.RealStride, v => v * 0.5f);
        });
        float[] found = ThreadTeam.Run(ranks, team =>
        {
            using BoxTransform transform = new(size, team, threads);
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            OwnPlanes<float> planes = new(team.Rank == 0 ? values : null, size, transform.Planes, team);
            transform.Forwards(planes.Read, spectrum);
            return transform.BackwardsToMap(spectrum, 0.5f);
        })[0];
        Assert.That(found, Is.EqualTo(expected));
    }

    [Test]
    public void Multiplying_the_map_under_a_transform_equals_transforming_the_product_on_any_number_of_ranks(
        [ValueSource(nameof(Sizes))] GridSize size, [Values(1, 2, 5)] int ranks)
    {
        float[] values = RandomValues(size), mask = [.. RandomValues(size).Reverse()];
        Complex32[] product = Spectrum(size, 1, 1, [.. values.Zip(mask, (v, m) => v * m)]);
        Complex32[] alone = Multiplied(1, 1), found = Multiplied(ranks, 2);
        Assert.That(found, Is.EqualTo(alone), "bits");
        double worst = 0;
        for (int i = 0; i < product.Length; i++)
            worst = Math.Max(worst, (product[i] - found[i]).Magnitude);
        Assert.That(worst / Math.Sqrt(size.Count), Is.LessThan(1e-5));

        Complex32[] Multiplied(int count, int threads) => Turned(size, OnRanks(count, threads, size, values, (transform, real) =>
        {
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            transform.Forwards(real, spectrum);
            transform.MultiplyMap(spectrum, (y, z, row) => mask.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row));
            return Unpadded(spectrum, transform.HalfX, transform.SpectrumStride, v => v);
        }));
    }

    [Test]
    public void A_coarser_grid_gets_the_coefficients_below_its_Nyquist_frequencies_on_any_number_of_ranks(
        [Values(12, 20)] int x, [Values(10, 21)] int y, [Values(9, 18)] int z, [Values(1, 2, 5)] int ranks)
    {
        GridSize size = new(20, 21, 18), few = new(x, y, z);
        float[] values = RandomValues(size);
        using BoxTransform whole = new(size, new TeamOfOne(), 1);
        using AlignedArray<float> real = Slab(whole, values);
        using AlignedArray<Complex32> all = whole.NewSpectrum();
        whole.Forwards(real, all);

        Complex32[] found = Coarse(ranks, 2);
        Assert.That(found, Is.EqualTo(Coarse(1, 1)), "bits");
        int half = (x / 2) + 1;
        for (int i = 0; i < found.Length; i++)
        {
            int kx = i % half, kz = Signed(i / half % z, z), ky = Signed(i / (half * z), y);
            Complex32 expected = 2 * kx >= x || 2 * Math.Abs(ky) >= y || 2 * Math.Abs(kz) >= z
                ? Complex32.Zero
                : whole.Row(all, (ky + size.NY) % size.NY, (kz + size.NZ) % size.NZ)[kx];
            Assert.That((found[i] - expected).Magnitude / Math.Sqrt(size.Count), Is.LessThan(1e-6), $"{kx}, {ky}, {kz}");
        }

        Complex32[] Coarse(int count, int threads) =>
        [
            .. ThreadTeam.Run(count, team =>
            {
                using BoxTransform transform = new(size, team, threads), coarse = new(few, team, threads);
                using AlignedArray<Complex32> spectrum = transform.ForwardsTo(
                    coarse, (y, z, row) => values.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row));
                return Unpadded(spectrum, coarse.HalfX, coarse.SpectrumStride, v => v);
            }).SelectMany(part => part),
        ];

        static int Signed(int k, int length) => 2 * k <= length ? k : k - length;
    }

    [Test]
    public void A_box_is_cut_out_of_a_map_on_any_number_of_ranks([Values(1, 2, 3, 8)] int ranks)
    {
        GridSize size = new(20, 21, 18), box = new(7, 8, 9);
        (int X, int Y, int Z) start = (11, 3, 8);
        float[] values = RandomValues(size);
        float[] cut =
        [
            .. ThreadTeam.Run(ranks, team =>
            {
                using BoxTransform transform = new(size, team, 2);
                using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
                using AlignedArray<float> real = Slab(transform, values);
                transform.Forwards(real, spectrum);
                using AlignedArray<float> part = BoxCutting.Cut(transform, spectrum, box, start, 1f / size.Count);
                return Unpadded(part, box.NX, BoxTransform.RealStrideOf(box), v => v);
            }).SelectMany(part => part),
        ];
        Assert.That(cut, Has.Length.EqualTo(box.Count));
        for (int i = 0; i < cut.Length; i++)
        {
            int x = i % box.NX, y = i / box.NX % box.NY, z = i / (box.NX * box.NY);
            Assert.That(cut[i], Is.EqualTo(values[size.Index(start.X + x, start.Y + y, start.Z + z)]).Within(3e-6));
        }
    }

    [Test]
    public void Frequencies_of_unequal_edges_are_those_of_space()
    {
        GridSize size = new(24, 36, 60);
        using BoxTransform transform = new(size, new TeamOfOne(), 1);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, 1.5);
        Assert.That(Math.Sqrt(grid.SquaredX(3)) / grid.ShellsPerFrequency, Is.EqualTo(1 / 12.0).Within(1e-15));
        Assert.That(Math.Sqrt(grid.SquaredYZ(36 - 9, 0)) / grid.ShellsPerFrequency, Is.EqualTo(9 / (36 * 1.5)).Within(1e-15));
        Assert.That(Math.Sqrt(grid.SquaredYZ(0, 60 - 15)) / grid.ShellsPerFrequency, Is.EqualTo(15 / (60 * 1.5)).Within(1e-15));
        Assert.That(grid.Frequencies[^1], Is.EqualTo(1 / 3.0).Within(1e-15));
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
                using BoxTransform transform = new(size, team, threads);
                using AlignedArray<float> real = Slab(transform, values);
                using AlignedArray<Complex32> coefficients = transform.NewSpectrum();
                transform.Forwards(real, coefficients);
                SpectrumGrid grid = new(transform, (size.NX * voxelX, size.NY * voxelY, size.NZ * voxelZ), limit);
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
        return Turned(size, rows);
    }

    /// <summary>[y][z][x] as [z][y][x].</summary>
    private static Complex32[] Turned(GridSize size, Complex32[] rows)
    {
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
        int ranks, int threads, GridSize size, float[] values, Func<BoxTransform, AlignedArray<float>, T[]> body) =>
    [
        .. ThreadTeam.Run(ranks, team =>
        {
            using BoxTransform transform = new(size, team, threads);
            using AlignedArray<float> real = Slab(transform, values);
            return body(transform, real);
        }).SelectMany(part => part),
    ];

    private static AlignedArray<float> Slab(BoxTransform transform, float[] values)
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
