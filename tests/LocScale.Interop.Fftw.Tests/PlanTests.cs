using System.Numerics;

namespace FFTW.NET.Tests;

public readonly record struct SingleComplex(float Real, float Imaginary);

[TestFixture]
public sealed class PlanTests
{
    private static readonly int[][] Sizes = [[1], [2], [12], [26], [4, 6], [5, 7], [3, 4, 5], [6, 1, 7], [6, 5, 8]];

    [TestCaseSource(nameof(Sizes))]
    public void Real_transform_is_the_half_space_of_the_definition(int[] size)
    {
        int count = size.Aggregate(1, (a, b) => a * b);
        int half = (size[^1] / 2) + 1;
        Complex[] values = SlowTransform.RandomValues(count, 1, real: true);
        Complex[] expected = SlowTransform.Of(values, size);

        using AlignedArray<double> real = new(count);
        using AlignedArray<Complex> complex = new(count / size[^1] * half);
        using AlignedArray<float> realSingle = new(count);
        using AlignedArray<SingleComplex> complexSingle = new(complex.Length);
        using FftwPlanRC plan = FftwPlanRC.Create(real, complex, size, DftDirection.Forwards);
        using FftwPlanRC planSingle = FftwPlanRC.Create(realSingle, complexSingle, size, DftDirection.Forwards);
        for (int i = 0; i < count; i++)
        {
            real[i] = values[i].Real;
            realSingle[i] = (float)values[i].Real;
        }
        plan.Execute();
        planSingle.Execute();

        for (int i = 0; i < complex.Length; i++)
        {
            Complex wanted = expected[(i / half * size[^1]) + (i % half)];
            Assert.That((complex[i] - wanted).Magnitude, Is.LessThan(1e-13 * count));
            Complex single = new(complexSingle[i].Real, complexSingle[i].Imaginary);
            Assert.That((single - wanted).Magnitude, Is.LessThan(1e-6 * Math.Sqrt(count)));
        }
    }

    [TestCaseSource(nameof(Sizes))]
    public void Backward_after_forward_gives_the_data_times_their_number(int[] size)
    {
        int count = size.Aggregate(1, (a, b) => a * b);
        Complex[] values = SlowTransform.RandomValues(count, 2, real: true);
        using AlignedArray<float> real = new(count);
        using AlignedArray<SingleComplex> complex = new(count / size[^1] * ((size[^1] / 2) + 1));
        using FftwPlanRC forwards = FftwPlanRC.Create(real, complex, size, DftDirection.Forwards);
        using FftwPlanRC backwards = FftwPlanRC.Create(real, complex, size, DftDirection.Backwards);
        for (int i = 0; i < count; i++)
            real[i] = (float)values[i].Real;
        forwards.Execute();
        real.AsSpan().Clear();
        backwards.Execute();
        for (int i = 0; i < count; i++)
            Assert.That(real[i] / count, Is.EqualTo((float)values[i].Real).Within(2e-7f));
    }

    [TestCaseSource(nameof(Sizes))]
    public void Complex_transform_in_both_directions_is_the_definition(int[] size)
    {
        int count = size.Aggregate(1, (a, b) => a * b);
        Complex[] values = SlowTransform.RandomValues(count, 3, real: false);
        using AlignedArray<Complex> input = new(count);
        using AlignedArray<Complex> output = new(count);
        foreach (DftDirection direction in new[] { DftDirection.Forwards, DftDirection.Backwards })
        {
            using FftwPlanC2C plan = FftwPlanC2C.Create<double, Complex>(input, output, size, direction);
            values.CopyTo(input.AsSpan());
            plan.Execute();
            Complex[] expected = SlowTransform.Of(values, size, (int)direction);
            for (int i = 0; i < count; i++)
                Assert.That((output[i] - expected[i]).Magnitude, Is.LessThan(1e-13 * count));
        }
    }

    [Test]
    public void Strided_batch_of_split_transforms_is_the_definition_line_by_line()
    {
        const int n = 26, lines = 19, pitch = 32, coefficients = (n / 2) + 1;
        Complex[] values = SlowTransform.RandomValues(n * pitch, 4, real: true);
        using AlignedArray<float> input = new(n * pitch);
        using AlignedArray<float> real = new(coefficients * pitch);
        using AlignedArray<float> imaginary = new(coefficients * pitch);
        using FftwPlanSplit plan = FftwPlanSplit.CreateMany(
            input, real, imaginary, [new FftwDimension(n, pitch, pitch)], [new FftwDimension(lines, 1, 1)]);
        for (int i = 0; i < values.Length; i++)
            input[i] = (float)values[i].Real;
        plan.Execute();

        for (int line = 0; line < lines; line++)
        {
            Complex[] expected = SlowTransform.Of([.. Enumerable.Range(0, n).Select(z => values[(z * pitch) + line])], [n]);
            for (int k = 0; k < coefficients; k++)
            {
                Assert.That(real[(k * pitch) + line], Is.EqualTo(expected[k].Real).Within(2e-6));
                Assert.That(imaginary[(k * pitch) + line], Is.EqualTo(expected[k].Imaginary).Within(2e-6));
            }
        }
    }

    [Test]
    public void Batch_of_planes_goes_to_other_arrays_of_the_same_shape()
    {
        const int planes = 5, ny = 6, nx = 8, half = (nx / 2) + 1;
        Complex[] values = SlowTransform.RandomValues(planes * ny * nx, 5, real: true);
        using AlignedArray<double> planned = new(planes * ny * nx), real = new(planes * ny * nx);
        using AlignedArray<Complex> plannedOutput = new(planes * ny * half), complex = new(planes * ny * half);
        using FftwPlanRC plan = FftwPlanRC.CreateMany(
            planned,
            plannedOutput,
            [new FftwDimension(ny, nx, half), new FftwDimension(nx, 1, 1)],
            [new FftwDimension(planes, ny * nx, ny * half)],
            DftDirection.Forwards);
        for (int i = 0; i < values.Length; i++)
            real[i] = values[i].Real;
        unsafe
        {
            plan.Execute(real.Pointer, complex.Pointer);
        }
        Assert.That(plannedOutput.AsSpan().ToArray(), Is.All.EqualTo(Complex.Zero));
        for (int p = 0; p < planes; p++)
        {
            Complex[] expected = SlowTransform.Of(values[(p * ny * nx)..((p + 1) * ny * nx)], [ny, nx]);
            for (int i = 0; i < ny * half; i++)
            {
                Complex wanted = expected[(i / half * nx) + (i % half)];
                Assert.That((complex[(p * ny * half) + i] - wanted).Magnitude, Is.LessThan(1e-12));
            }
        }
    }

    [Test]
    public void Threads_may_plan_execute_and_dispose_at_the_same_time()
    {
        Complex[] values = SlowTransform.RandomValues(60, 6, real: true);
        Complex[] expected = SlowTransform.Of(values, [3, 4, 5]);
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using AlignedArray<double> real = new(60);
            using AlignedArray<Complex> complex = new(36);
            using FftwPlanRC plan = FftwPlanRC.Create(real, complex, [3, 4, 5], DftDirection.Forwards, PlannerFlags.Measure);
            for (int i = 0; i < 60; i++)
                real[i] = values[i].Real;
            plan.Execute();
            for (int i = 0; i < 36; i++)
                Assert.That((complex[i] - expected[(i / 3 * 5) + (i % 3)]).Magnitude, Is.LessThan(1e-13));
        });
    }

    [Test]
    public void Threaded_transform_equals_the_serial_one()
    {
        int[] size = [48, 40, 36];
        int count = 48 * 40 * 36, complexCount = 48 * 40 * 19;
        using AlignedArray<float> real = new(count);
        using AlignedArray<SingleComplex> serial = new(complexCount), threaded = new(complexCount);
        using FftwPlanRC one = FftwPlanRC.Create(real, serial, size, DftDirection.Forwards);
        using FftwPlanRC two = FftwPlanRC.Create(real, threaded, size, DftDirection.Forwards, threads: 2);
        Random random = new(7);
        for (int i = 0; i < count; i++)
            real[i] = random.NextSingle() - 0.5f;
        one.Execute();
        two.Execute();
        for (int i = 0; i < complexCount; i++)
        {
            Assert.That(threaded[i].Real, Is.EqualTo(serial[i].Real).Within(1e-4f));
            Assert.That(threaded[i].Imaginary, Is.EqualTo(serial[i].Imaginary).Within(1e-4f));
        }
    }

    [Test]
    public void Arrays_start_on_a_cache_line_and_are_zero()
    {
        for (int length = 0; length < 70; length++)
        {
            using AlignedArray<float> array = new(length);
            unsafe
            {
                Assert.That((ulong)array.Pointer % 64, Is.EqualTo(0UL));
            }
            Assert.That(array.AsSpan().ToArray(), Is.All.Zero);
        }
    }

    [Test]
    public void Arrays_that_are_too_small_are_refused()
    {
        using AlignedArray<double> real = new(60);
        using AlignedArray<Complex> complex = new(35);
        Assert.That(
            () => FftwPlanRC.Create(real, complex, [3, 4, 5], DftDirection.Forwards), Throws.ArgumentException);
        Assert.That(
            () => FftwPlanRC.Create(real, complex, [3, 4, 5], DftDirection.Backwards), Throws.ArgumentException);
    }

    [Test]
    public void Disposed_plans_and_arrays_say_so()
    {
        AlignedArray<Complex> array = new(8);
        FftwPlanC2C plan = FftwPlanC2C.Create<double, Complex>(array, array, [8], DftDirection.Forwards);
        plan.Dispose();
        plan.Dispose();
        Assert.That(plan.Execute, Throws.InstanceOf<ObjectDisposedException>());
        array.Dispose();
        Assert.That(() => array.AsSpan(), Throws.InstanceOf<ObjectDisposedException>());
    }
}
