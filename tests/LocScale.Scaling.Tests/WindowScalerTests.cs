namespace LocScale.Scaling.Tests;

[TestFixture]
public sealed class WindowScalerTests
{
    [Test]
    public void Fast_scaling_is_the_slow_one_within_1e_minus_5_of_the_rms(
        [Values(4, 8, 22, 26, 32, 50)] int window, [Values] ProfileCoverage coverage)
    {
        // Large bricks for small windows; the slow way takes a tenth of a second a window at w = 50.
        BrickSize size = window < 20 ? BrickSize.Maximum : window < 30 ? new(19, 48, 9) : new(11, 40, 5);
        TestBrick brick = new(window, size, seed: window, maskedShare: window < 30 ? 0.01 : 0.004);
        brick.Mask[0] = brick.Mask[^1] = 1;
        (float[] values, _, _) = brick.Scale(new ScalingParameters(window, coverage));

        double[] expected = [.. brick.MaskedVoxels().Select(v => SlowScaling.Scale(
            brick.WindowOf(brick.Map, v.X, v.Y, v.Z), brick.WindowOf(brick.Model, v.X, v.Y, v.Z), window, coverage).Value)];
        double rms = Math.Sqrt(expected.Average(e => e * e));
        double worst = expected.Zip(values, (e, v) => Math.Abs(e - v)).Max();
        TestContext.Out.WriteLine($"w = {window}, {coverage}: {expected.Length} windows, worst {worst / rms:E1} of the rms");
        Assert.That(worst / rms, Is.LessThan(1e-5));
    }

    /// <summary>Without a model; the difference of half maps gets the same gains.</summary>
    [TestCase(12, ProfileCoverage.FullSphere)]
    [TestCase(22, ProfileCoverage.Octant)]
    public void Sharpening_to_one_B_factor_is_the_slow_one_within_1e_minus_5_of_the_rms(int window, ProfileCoverage coverage)
    {
        const double voxelSize = 1.2, lowest = 8.6, resolution = 3.6, b = 20;
        BrickSize size = new(19, 20, 9);
        TestBrick brick = new(window, size, seed: 5, maskedShare: 0.02);
        float[] difference = [.. brick.Map.Select(value => -0.5f * value)];
        float[] values = new float[brick.Voxels], scaled = new float[brick.Voxels], fitted = new float[brick.Voxels], fits = new float[brick.Voxels];
        BFactorRange range = BFactorRange.Between(window, voxelSize, resolution, 1 / lowest);
        using WindowScaler scaler = new(new ScalingParameters(window, coverage, range, true, new UniformBFactor(range, b, resolution)));
        scaler.Scale(new Brick(size, brick.Mask, brick.Map, [], difference), new ScaledVoxels(values, fitted, fits, scaled));

        double[] expected = [.. brick.MaskedVoxels().Select(v => SlowScaling.Sharpen(
            brick.WindowOf(brick.Map, v.X, v.Y, v.Z), window, voxelSize, lowest, resolution, b, coverage))];
        double rms = Math.Sqrt(expected.Average(e => e * e));
        double worst = expected.Zip(values, (e, v) => Math.Abs(e - v)).Max();
        TestContext.Out.WriteLine($"w = {window}, {coverage}: worst {worst / rms:E1} of the rms, B {fitted.Min():0} to {fitted.Max():0}");
        Assert.That(worst / rms, Is.LessThan(1e-5));
        Assert.That(fitted.Max() - fitted.Min(), Is.GreaterThan(10), "windows that differ");
        foreach ((float value, float half) in values.Zip(scaled))
            Assert.That(half, Is.EqualTo(-0.5 * value).Within(1e-5 * rms));
    }

    /// <summary>The half maps' difference, of another size and mean than the map, gets the gains of the map, which do not change.</summary>
    [TestCase(8, ProfileCoverage.FullSphere)]
    [TestCase(22, ProfileCoverage.FullSphere, Category = "Long")]
    [TestCase(8, ProfileCoverage.Octant)]
    public void Difference_of_half_maps_is_scaled_as_its_mean(int window, ProfileCoverage coverage)
    {
        BrickSize size = new(19, 20, 9);
        TestBrick brick = new(window, size, seed: 3, maskedShare: 0.05), other = new(window, size, seed: 4, maskedShare: 0);
        float[] difference = [.. other.Map.Select(value => (3e-3f * value) + 0.01f)];
        float[] values = new float[brick.Voxels], scaled = new float[brick.Voxels];
        using WindowScaler scaler = new(new ScalingParameters(window, coverage, scalesHalfMaps: true));
        scaler.Scale(new Brick(size, brick.Mask, brick.Map, brick.Model, difference), new ScaledVoxels(values, [], [], scaled));
        Assert.That(values, Is.EqualTo(brick.Scale(new ScalingParameters(window, coverage)).Values), "bits of the map");

        double[] expected = [.. brick.MaskedVoxels().Select(v => SlowScaling.Scale(
            brick.WindowOf(brick.Map, v.X, v.Y, v.Z), brick.WindowOf(brick.Model, v.X, v.Y, v.Z), window, coverage,
            brick.WindowOf(difference, v.X, v.Y, v.Z)).Value)];
        double rms = Math.Sqrt(expected.Average(e => e * e));
        double worst = expected.Zip(scaled, (e, v) => Math.Abs(e - v)).Max();
        TestContext.Out.WriteLine($"w = {window}, {coverage}: worst {worst / rms:E1} of the rms");
        Assert.That(worst / rms, Is.LessThan(1e-5));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [Category("Long")]
    public void Results_depend_on_neither_the_scratch_before_nor_the_thread(int threads)
    {
        TestBrick[] bricks =
        [
            new(26, new BrickSize(32, 48, 20), 1, 0.3), new(26, new BrickSize(17, 31, 32), 2, 0.05),
            new(26, new BrickSize(5, 9, 3), 3, 1), new(26, new BrickSize(32, 48, 7), 4, 0.01),
        ];
        ScalingParameters parameters = new(26, ProfileCoverage.FullSphere, BFactorRange.Between(26, 1.2, 3.5));
        (float[] Values, float[] BFactors, float[] Fits)[] fresh = [.. bricks.Select(brick => brick.Scale(parameters))];

        // Each thread keeps its scaler for all the bricks, and begins with another one; all work at the same time.
        (float[] Values, float[] BFactors, float[] Fits)[][] found = new (float[], float[], float[])[threads][];
        using Barrier start = new(threads);
        Thread[] running = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            using WindowScaler scaler = new(parameters);
            found[thread] = new (float[], float[], float[])[bricks.Length];
            start.SignalAndWait();
            for (int i = 0; i < bricks.Length; i++)
            {
                int brick = (i + thread + 1) % bricks.Length;
                found[thread][brick] = bricks[brick].Scale(scaler);
            }
        }))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
        foreach ((float[] Values, float[] BFactors, float[] Fits)[] ofThread in found)
        {
            for (int brick = 0; brick < bricks.Length; brick++)
            {
                Assert.That(ofThread[brick].Values.AsSpan().SequenceEqual(fresh[brick].Values), $"values of brick {brick}");
                Assert.That(ofThread[brick].BFactors.AsSpan().SequenceEqual(fresh[brick].BFactors), $"B-factors of brick {brick}");
                Assert.That(ofThread[brick].Fits.AsSpan().SequenceEqual(fresh[brick].Fits), $"fits of brick {brick}");
            }
        }
    }

    [TestCase(1, 1, 1)]
    [TestCase(13, 48, 20)]
    [TestCase(32, 11, 20)]
    [TestCase(32, 48, 3)]
    [TestCase(9, 17, 7)]
    public void Another_cut_into_bricks_changes_the_result_by_less_than_5e_minus_6_of_the_rms(int nx, int ny, int nz)
    {
        const int window = 12;
        TestBrick whole = new(window, new BrickSize(32, 48, 20), 11, 0.02);
        ScalingParameters parameters = new(window, ProfileCoverage.FullSphere);
        float[] expected = whole.Scale(parameters).Values;
        double rms = Math.Sqrt(expected.Average(e => (double)e * e)), worst = 0;
        Dictionary<(int, int, int), float> byPlace = whole.MaskedVoxels().Zip(expected).ToDictionary(v => v.First, v => v.Second);
        int compared = 0;
        using WindowScaler scaler = new(parameters);
        for (int z = 0; z < whole.Size.NZ; z += nz)
        {
            for (int y = 0; y < whole.Size.NY; y += ny)
            {
                for (int x = 0; x < whole.Size.NX; x += nx)
                {
                    TestBrick part = whole.Part(x, y, z, new BrickSize(
                        Math.Min(nx, whole.Size.NX - x), Math.Min(ny, whole.Size.NY - y), Math.Min(nz, whole.Size.NZ - z)));
                    foreach (((int X, int Y, int Z) v, float value) in part.MaskedVoxels().Zip(part.Scale(scaler).Values))
                    {
                        worst = Math.Max(worst, Math.Abs(value - byPlace[(x + v.X, y + v.Y, z + v.Z)]) / rms);
                        compared++;
                    }
                }
            }
        }
        TestContext.Out.WriteLine($"bricks of {nx} × {ny} × {nz}: worst {worst:E1} of the rms");
        Assert.That(compared, Is.EqualTo(whole.Voxels));
        Assert.That(worst, Is.LessThan(5e-6));
    }

    [Test]
    public void Model_that_is_the_map_gives_the_map()
    {
        TestBrick brick = new(22, new BrickSize(20, 20, 10), 3, 0.5);
        brick.Map.CopyTo(brick.Model, 0);
        (float[] values, _, _) = brick.Scale(new ScalingParameters(22, ProfileCoverage.FullSphere));
        BrickSize padded = brick.Size.WithWindows(22);
        double rms = Math.Sqrt(brick.Map.Average(v => (double)v * v));
        foreach (((int x, int y, int z), float value) in brick.MaskedVoxels().Zip(values))
        {
            float original = brick.Map[((((z + 11) * padded.NY) + y + 11) * padded.NX) + x + 11];
            Assert.That(value, Is.EqualTo(original).Within(3e-6 * rms));
        }
    }

    [Test]
    public void Windows_of_nothing_give_nothing_whatever_slid_through_before()
    {
        const int window = 8;
        TestBrick brick = new(window, new BrickSize(30, 48, 20), 4, 1);
        BrickSize padded = brick.Size.WithWindows(window);
        for (int i = 0; i < brick.Map.Length; i++)
        {
            if (i / padded.NX % padded.NY >= 20)
                brick.Map[i] = 0;
        }
        (float[] values, _, _) = brick.Scale(new ScalingParameters(window, ProfileCoverage.FullSphere));
        foreach (((int X, int Y, int Z) v, float value) in brick.MaskedVoxels().Zip(values))
        {
            if (v.Y >= 20)
                Assert.That(value, Is.Zero, v.ToString());
            else
                Assert.That(value, Is.Not.Zero, v.ToString());
        }
    }

    [Test]
    public void Constant_windows_are_scaled_by_the_ratio_of_the_means()
    {
        const int window = 8;
        TestBrick brick = new(window, new BrickSize(9, 10, 11), 5, 1);
        Array.Fill(brick.Map, -3f);
        (float[] values, _, _) = brick.Scale(new ScalingParameters(window, ProfileCoverage.FullSphere));
        foreach (((int X, int Y, int Z) v, float value) in brick.MaskedVoxels().Zip(values))
        {
            double mean = brick.WindowOf(brick.Model, v.X, v.Y, v.Z).Average();
            Assert.That(value, Is.EqualTo(-Math.Abs(mean)).Within(1e-6 * Math.Abs(mean)));
        }
    }

    [TestCase(1e-36f, 1f)]
    [TestCase(1e36f, 1f)]
    [TestCase(1f, 1e-36f)]
    [TestCase(1f, 1e34f)]
    public void Magnitude_of_the_maps_costs_no_accuracy(float mapFactor, float modelFactor)
    {
        TestBrick brick = new(8, new BrickSize(20, 30, 10), 7, 0.2);
        ScalingParameters parameters = new(8, ProfileCoverage.FullSphere);
        float[] expected = brick.Scale(parameters).Values;
        Multiply(brick.Map, mapFactor);
        Multiply(brick.Model, modelFactor);
        float[] values = brick.Scale(parameters).Values;
        double rms = Math.Sqrt(expected.Average(e => (double)e * e));
        for (int i = 0; i < values.Length; i++)
            Assert.That(values[i] / (double)modelFactor, Is.EqualTo(expected[i]).Within(1e-5 * rms));

        static void Multiply(float[] density, float factor)
        {
            for (int i = 0; i < density.Length; i++)
                density[i] *= factor;
        }
    }

    [Test]
    public void Offset_of_the_map_costs_little_more_accuracy_than_the_map_itself_loses()
    {
        // 1000 times the deviation: the map's own values are then rounded to 1e-4 of it.
        const int window = 12;
        TestBrick brick = new(window, new BrickSize(9, 30, 9), 8, 0.05);
        for (int i = 0; i < brick.Map.Length; i++)
            brick.Map[i] += 300;
        float[] values = brick.Scale(new ScalingParameters(window, ProfileCoverage.FullSphere)).Values;
        double[] expected = [.. brick.MaskedVoxels().Select(v => SlowScaling.Scale(
            brick.WindowOf(brick.Map, v.X, v.Y, v.Z), brick.WindowOf(brick.Model, v.X, v.Y, v.Z), window, ProfileCoverage.FullSphere).Value)];
        double rms = Math.Sqrt(expected.Average(e => e * e));
        Assert.That(expected.Zip(values, (e, v) => Math.Abs(e - v)).Max() / rms, Is.LessThan(1e-5));
    }

    [Test]
    [Category("Long")]
    public void Offset_of_the_map_takes_no_shell_away_however_large_the_window()
    {
        // F(0) is 155 deviations times w³; noise of a sixtieth of a deviation has shells of w^1.5 of it, 3·10⁶ times less.
        const int window = 50;
        TestBrick brick = new(window, new BrickSize(6, 7, 5), 11, 0.02);
        brick.Model.CopyTo(brick.Map, 0);
        Array.Reverse(brick.Model);
        double mean = brick.Map.Average(), deviation = Math.Sqrt(brick.Map.Average(v => (v - mean) * (v - mean)));
        for (int i = 0; i < brick.Map.Length; i++)
            brick.Map[i] += (float)(155 * deviation);
        float[] values = brick.Scale(new ScalingParameters(window, ProfileCoverage.FullSphere)).Values;
        double[] expected = [.. brick.MaskedVoxels().Select(v => SlowScaling.Scale(
            brick.WindowOf(brick.Map, v.X, v.Y, v.Z), brick.WindowOf(brick.Model, v.X, v.Y, v.Z), window, ProfileCoverage.FullSphere).Value)];
        double rms = Math.Sqrt(expected.Average(e => e * e));
        Assert.That(expected, Is.Not.Empty);
        Assert.That(expected.Zip(values, (e, v) => Math.Abs(e - v)).Max() / rms, Is.LessThan(1e-5));
    }

    [Test]
    public void Shells_that_hold_only_rounding_are_not_scaled_up()
    {
        // A wave along x has no coefficient off the kx axis, in exact arithmetic.
        const int window = 8;
        TestBrick brick = new(window, new BrickSize(32, 40, 20), 9, 1);
        int nx = brick.Size.WithWindows(window).NX;
        for (int i = 0; i < brick.Map.Length; i++)
            brick.Map[i] = (float)Math.Sin(2 * Math.PI * (i % nx) / window);
        float[] values = brick.Scale(new ScalingParameters(window, ProfileCoverage.FullSphere)).Values;
        // The wave fills shell 1 alone: two coefficients of w³/2 among the 26 with 1 ≤ |k| < 2. At |k| = 1 the gain is scale[1].
        const double mapProfile = window * window * window / 26.0;
        double rms = Math.Sqrt(values.Average(v => (double)v * v));
        foreach (((int x, int y, int z), float value) in brick.MaskedVoxels().Zip(values))
        {
            if (x % 5 != 0 || y % 7 != 0 || z % 3 != 0)
                continue;
            double[] map = brick.WindowOf(brick.Map, x, y, z), model = brick.WindowOf(brick.Model, x, y, z);
            double scale = SlowScaling.Scale(map, model, window, ProfileCoverage.FullSphere).ModelProfile[1] / mapProfile;
            double expected = scale * Math.Sin(2 * Math.PI * (x + (window / 2)) / window);
            Assert.That(value, Is.EqualTo(expected).Within(1e-5 * rms), $"{x} {y} {z}");
        }
    }

    [Test]
    public void Windows_without_model_have_no_B_factor_whatever_slid_through_before()
    {
        const int window = 8;
        TestBrick brick = new(window, new BrickSize(30, 48, 20), 10, 1);
        BrickSize padded = brick.Size.WithWindows(window);
        for (int i = 0; i < brick.Model.Length; i++)
        {
            if (i / padded.NX % padded.NY >= 20)
                brick.Model[i] = 0;
        }
        (float[] values, float[] bFactors, float[] fits) = brick.Scale(
            new ScalingParameters(window, ProfileCoverage.FullSphere, BFactorRange.Between(window, 1.5, 3)));
        int place = 0;
        foreach ((int X, int Y, int Z) v in brick.MaskedVoxels())
        {
            bool isEmpty = v.Y >= 20;
            Assert.That(values[place] == 0, Is.EqualTo(isEmpty), v.ToString());
            Assert.That(bFactors[place] == 0 && fits[place] == 0, Is.EqualTo(isEmpty), v.ToString());
            place++;
        }
    }

    [Test]
    public void B_factors_are_the_least_squares_slope_of_the_model_profile([Values] ProfileCoverage coverage)
    {
        const int window = 22;
        const double voxelSize = 1.2;
        TestBrick brick = new(window, new BrickSize(12, 40, 6), 6, 0.02);
        BFactorRange range = BFactorRange.Between(window, voxelSize, 3.6);
        (_, float[] bFactors, float[] fits) = brick.Scale(new ScalingParameters(window, coverage, range));
        int place = 0;
        foreach ((int x, int y, int z) in brick.MaskedVoxels())
        {
            double[] profile = SlowScaling.Scale(
                brick.WindowOf(brick.Map, x, y, z), brick.WindowOf(brick.Model, x, y, z), window, coverage).ModelProfile;
            (double b, double fit) = StraightLine(profile, window * voxelSize, 3.6);
            Assert.That(bFactors[place], Is.EqualTo(b).Within(1e-4 * Math.Abs(b)));
            Assert.That(fits[place++], Is.EqualTo(fit).Within(1e-5));
        }
    }

    [Test]
    public void Bricks_of_the_wrong_size_are_refused()
    {
        using WindowScaler scaler = new(new ScalingParameters(8, ProfileCoverage.FullSphere));
        Assert.That(
            () => scaler.Scale(
                new Brick(new BrickSize(33, 1, 1), new byte[33], new float[2560], new float[2560]),
                new ScaledVoxels(new float[33], [], [])),
            Throws.ArgumentException);
        Assert.That(() => new ScalingParameters(9, ProfileCoverage.FullSphere), Throws.InstanceOf<ArgumentException>());
    }

    private static (double B, double Fit) StraightLine(double[] profile, double windowLength, double resolution)
    {
        (double X, double Y)[] points = [.. Enumerable.Range(0, profile.Length)
            .Where(j => j / windowLength >= 0.1 && j / windowLength < 1 / resolution)
            .Select(j => (Math.Pow(j / windowLength, 2), Math.Log(profile[j])))];
        double mx = points.Average(p => p.X), my = points.Average(p => p.Y);
        double slope = points.Sum(p => (p.X - mx) * (p.Y - my)) / points.Sum(p => Math.Pow(p.X - mx, 2));
        double residual = points.Sum(p => Math.Pow(p.Y - my - (slope * (p.X - mx)), 2));
        return (-4 * slope, 1 - (residual / points.Sum(p => Math.Pow(p.Y - my, 2))));
    }
}
