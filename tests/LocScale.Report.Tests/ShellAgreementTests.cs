using System.Numerics;
using LocScale.Maps.Masks;
using LocScale.Parallel;

namespace LocScale.Report.Tests;

public class ShellAgreementTests
{
    private const double VoxelSize = 1.5;

    private static readonly GridSize Size = new(22, 20, 18);

    /// <summary>Against sums over all voxels for every coefficient, in double precision.</summary>
    [Test]
    public void Amplitudes_and_correlations_are_those_of_a_slow_transform()
    {
        Random random = new(5);
        float[] input = Noise(random), output = Noise(random), reference = [.. input.Zip(output, (a, b) => (0.6f * a) + (0.8f * b))];
        VoxelMask mask = Ball(6.3);
        AgreementSummary found = ShellAgreement.Of(input, output, reference, mask, VoxelSize, threads: 2);

        VoxelBox part = mask.Bounds(VoxelBox.All(Size))!.Value;
        int length = TransformLength.AtLeast(part.NX + 8, isEven: true);
        Assert.That(part.NX, Is.EqualTo(part.NY).And.EqualTo(part.NZ), "a cube, for which shells are simple");
        double[,,] weights = Weights(mask);
        Complex[][] spectra = [.. new[] { input, output, reference }.Select(map => SlowTransform(map, weights, part, length))];
        int shells = (length / 2) + 1;
        double[] counts = new double[shells], cross = new double[shells], crossAfter = new double[shells];
        double[][] power = [new double[shells], new double[shells], new double[shells]];
        int i = 0;
        for (int z = 0; z < length; z++)
        {
            for (int y = 0; y < length; y++)
            {
                for (int x = 0; x <= length / 2; x++, i++)
                {
                    int shell = (int)Math.Floor(Math.Sqrt((x * x) + Squared(y, length) + Squared(z, length)) + 0.5);
                    if (shell >= shells)
                        continue;
                    counts[shell]++;
                    for (int map = 0; map < 3; map++)
                        power[map][shell] += Math.Pow(spectra[map][i].Magnitude, 2);
                    cross[shell] += (spectra[0][i] * Complex.Conjugate(spectra[2][i])).Real;
                    crossAfter[shell] += (spectra[1][i] * Complex.Conjugate(spectra[2][i])).Real;
                }
            }
        }
        Assert.That(found.Frequencies, Has.Count.EqualTo(shells));
        for (int shell = 1; shell < shells; shell++)
        {
            Assert.That(found.Frequencies[shell], Is.EqualTo(shell / (length * VoxelSize)).Within(1e-12));
            Assert.That(found.InputAmplitude[shell], Is.EqualTo(Math.Sqrt(power[0][shell] / counts[shell])).Within(1e-4).Percent, $"input, {shell}");
            Assert.That(found.OutputAmplitude[shell], Is.EqualTo(Math.Sqrt(power[1][shell] / counts[shell])).Within(1e-4).Percent, $"output, {shell}");
            Assert.That(found.ReferenceAmplitude![shell], Is.EqualTo(Math.Sqrt(power[2][shell] / counts[shell])).Within(1e-4).Percent, $"reference, {shell}");
            Assert.That(found.FscBefore![shell], Is.EqualTo(cross[shell] / Math.Sqrt(power[0][shell] * power[2][shell])).Within(1e-5), $"before, {shell}");
            Assert.That(found.FscAfter![shell], Is.EqualTo(crossAfter[shell] / Math.Sqrt(power[1][shell] * power[2][shell])).Within(1e-5), $"after, {shell}");
        }
    }

    /// <summary>Of a map that was blurred it is the last shell; of one that a band was taken from, the middle of that.</summary>
    [Test]
    public void The_shell_that_fell_most_is_found_with_what_is_left_of_it()
    {
        Random random = new(7);
        double[] frequencies = [.. Enumerable.Range(0, 101).Select(i => i / 200.0)];
        double[] input = [.. frequencies.Select(_ => 1 + random.NextDouble())];
        (double angstrom, double left) = Weakest(f => 3 * Math.Exp(-35 * f * f / 4), finest: 3.99);
        double coarse = Enumerable.Range(10, 11).Sum(i => Math.Pow(i / 200.0, 4)) / Enumerable.Range(10, 11).Sum(i => Math.Pow(i / 200.0, 2));
        Assert.That(angstrom, Is.EqualTo(4).Within(1e-9));
        Assert.That(left, Is.EqualTo(Math.Exp(-35 * ((0.25 * 0.25) - coarse) / 4)).Within(0.002));

        (angstrom, left) = Weakest(f => f is > 0.187 and < 0.213 ? 0.4 : 1, finest: 3);
        Assert.That(angstrom, Is.EqualTo(5).Within(1e-9));
        Assert.That(left, Is.EqualTo(0.4).Within(1e-9));

        (_, left) = Weakest(f => Math.Exp(80 * f * f / 4), finest: 3);
        Assert.That(left, Is.GreaterThan(1), "a map that became sharper");
        Assert.That(ShellAgreement.WeakestShell(Summary(_ => 1), finest: 12), Is.Null);

        (double Angstrom, double Left) Weakest(Func<double, double> gain, double finest) =>
            ShellAgreement.WeakestShell(Summary(gain), finest)!.Value;

        AgreementSummary Summary(Func<double, double> gain) =>
            new(frequencies, input, null, [.. input.Zip(frequencies, (a, f) => a * gain(f))], null, null);
    }

    [Test]
    public void A_map_that_is_its_reference_correlates_by_one_and_threads_change_no_bit()
    {
        Random random = new(6);
        float[] map = Noise(random), other = Noise(random);
        AgreementSummary alone = ShellAgreement.Of(map, other, map, Ball(7), VoxelSize, threads: 1);
        Assert.That(alone.FscBefore!.Skip(1), Has.All.EqualTo(1).Within(1e-6));
        Assert.That(alone.InputAmplitude, Is.EqualTo(alone.ReferenceAmplitude));
        AgreementSummary shared = ShellAgreement.Of(map, other, map, Ball(7), VoxelSize, threads: 3);
        Assert.That(shared.FscAfter, Is.EqualTo(alone.FscAfter));
        Assert.That(shared.OutputAmplitude, Is.EqualTo(alone.OutputAmplitude));
    }

    private static double Squared(int index, int length) => Math.Pow(index > length / 2 ? index - length : index, 2);

    private static float[] Noise(Random random) => [.. Enumerable.Range(0, (int)Size.Count).Select(_ => random.NextSingle() + 3)];

    private static VoxelMask Ball(double radius)
    {
        byte[] inside = new byte[Size.Count];
        for (int z = 0; z < Size.NZ; z++)
        {
            for (int y = 0; y < Size.NY; y++)
            {
                for (int x = 0; x < Size.NX; x++)
                    inside[Size.Index(x, y, z)] = Math.Sqrt(Math.Pow(x - 10, 2) + Math.Pow(y - 9, 2) + Math.Pow(z - 8, 2)) <= radius ? (byte)1 : (byte)0;
            }
        }
        return new VoxelMask(Size, inside);
    }

    /// <summary>sin² of the distance from the nearest voxel outside, over 5 Å, in 255 steps.</summary>
    private static double[,,] Weights(VoxelMask mask)
    {
        const double edge = 5 / VoxelSize;
        double[,,] weights = new double[Size.NX, Size.NY, Size.NZ];
        for (int z = 0; z < Size.NZ; z++)
        {
            for (int y = 0; y < Size.NY; y++)
            {
                for (int x = 0; x < Size.NX; x++)
                {
                    if (mask.Values[Size.Index(x, y, z)] == 0)
                        continue;
                    double nearest = double.PositiveInfinity;
                    for (int k = z - 5; k <= z + 5; k++)
                    {
                        for (int j = y - 5; j <= y + 5; j++)
                        {
                            for (int i = x - 5; i <= x + 5; i++)
                            {
                                bool isInBox = i >= 0 && j >= 0 && k >= 0 && i < Size.NX && j < Size.NY && k < Size.NZ;
                                if (!isInBox || mask.Values[Size.Index(i, j, k)] == 0)
                                    nearest = Math.Min(nearest, Math.Sqrt(((i - x) * (i - x)) + ((j - y) * (j - y)) + ((k - z) * (k - z))));
                            }
                        }
                    }
                    weights[x, y, z] = nearest > edge ? 1 : (255 - Math.Round(255 * Math.Pow(Math.Cos(Math.PI / 2 * nearest / edge), 2))) / 255;
                }
            }
        }
        return weights;
    }

    /// <summary>Coefficients x = 0 to half the length, for all y and z.</summary>
    private static Complex[] SlowTransform(float[] map, double[,,] weights, VoxelBox part, int length)
    {
        double sum = 0, all = 0;
        for (int z = 0; z < Size.NZ; z++)
        {
            for (int y = 0; y < Size.NY; y++)
            {
                for (int x = 0; x < Size.NX; x++)
                    (sum, all) = (sum + (weights[x, y, z] * map[Size.Index(x, y, z)]), all + weights[x, y, z]);
            }
        }
        double mean = sum / all;
        // Axis after axis.
        Complex[,,] values = new Complex[length, length, length];
        for (int z = 0; z < part.NZ; z++)
        {
            for (int y = 0; y < part.NY; y++)
            {
                for (int x = 0; x < part.NX; x++)
                {
                    values[x, y, z] = weights[part.X + x, part.Y + y, part.Z + z] * (map[Size.Index(part.X + x, part.Y + y, part.Z + z)] - mean);
                }
            }
        }
        Complex[] factors = [.. Enumerable.Range(0, length).Select(k => Complex.FromPolarCoordinates(1, -2 * Math.PI * k / length))];
        for (int axis = 0; axis < 3; axis++)
        {
            Complex[,,] next = new Complex[length, length, length];
            for (int a = 0; a < length; a++)
            {
                for (int b = 0; b < length; b++)
                {
                    for (int k = 0; k < length; k++)
                    {
                        Complex coefficient = 0;
                        for (int n = 0; n < length; n++)
                            coefficient += factors[k * n % length] * (axis == 0 ? values[n, a, b] : axis == 1 ? values[a, n, b] : values[a, b, n]);
                        if (axis == 0)
                            next[k, a, b] = coefficient;
                        else if (axis == 1)
                            next[a, k, b] = coefficient;
                        else
                            next[a, b, k] = coefficient;
                    }
                }
            }
            values = next;
        }
        return [.. from z in Enumerable.Range(0, length) from y in Enumerable.Range(0, length) from x in Enumerable.Range(0, (length / 2) + 1) select values[x, y, z]];
    }
}
