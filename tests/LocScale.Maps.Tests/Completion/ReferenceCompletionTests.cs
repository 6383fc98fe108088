using LocScale.Maps.Amplitudes;
using LocScale.Maps.Completion;
using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Tests;

namespace LocScale.Maps.Tests.Completion;

/// <summary>Two balls of points, of which the reference has one, and a place where there is noise only.</summary>
public class ReferenceCompletionTests
{
    private const double VoxelSize = 1.4, Sharp = 10, Blur = 70;
    private const int Radius = 12, GapRadius = 4;
    private static readonly GridSize _size = new(84, 40, 42);
    private static readonly ExpectedDensity _points = new(s => Math.Exp(-0.5 * Sharp * s * s), Sharp, 500 / (4 / 3.0 * Math.PI * 12 * 12 * 12), 0.05);
    private static readonly int[] _modelled = [16, 20, 21], _bare = [46, 20, 21], _empty = [70, 20, 21];

    /// <summary>The level and the blur of the map as a whole, and the blur of a place, all come out.</summary>
    [TestCase(0)]
    [TestCase(60)]
    [TestCase(-30)]
    [Category("Long")]
    public void Density_without_a_reference_gets_its_own_amplitudes(double difference)
    {
        float[] modelled = Ball(_modelled, 1), bare = Ball(_bare, 2), reference = Blurred(modelled, Sharp);
        float[] expected = Blurred(bare, Sharp + difference);
        float[] map = [.. Blurred(modelled, Sharp + Blur, 5).Zip(Blurred(bare, Sharp + Blur + difference, 5), (x, y) => x + y)];
        LocScale.Maps.Completion.Completion made = Complete(map, reference, deviation: 0.08f);

        float[] completed = In(_bare, made.Values), wanted = In(_bare, expected);
        TestContext.Out.WriteLine($"to {1 / made.Gain.LastFrequency:0.0} Å, B {made.BlurDifference:0.0}");
        Assert.That(made.BlurDifference, Is.EqualTo(difference).Within(10));
        double[] ratios = [.. new (double, double)[] { (0.05, 0.1), (0.1, 0.15), (0.15, 0.2), (0.2, 0.25) }.Select(band => Amplitude(completed, band) / Amplitude(wanted, band))];
        TestContext.Out.WriteLine(string.Join(' ', ratios.Select(ratio => $"{ratio:0.000}")));
        Assert.That(ratios, Has.All.EqualTo(1).Within(0.06));
        float[] low = Low(completed), ideal = Low(wanted);
        Assert.That(MapCorrelation.Of(low, ideal), Is.GreaterThan(0.95));
        // What is noise only gets next to nothing of the amplitude of density.
        Assert.That(Rms(In(_empty, made.Values)), Is.LessThan(0.12 * Rms(completed)));
    }

    /// <summary>A line in Wilson's plot needs signal in two bands at least.</summary>
    [TestCase(1, false)]
    [TestCase(2, true)]
    public void Without_signal_there_is_no_fall_off_to_straighten(int bandsWithSignal, bool isThere)
    {
        GridSize box = new(8, 8, 8);
        double[] voxels = Power(8), noise = Power(3);
        CoarseField whole = CoarseField.Of(box, 2, voxels), none = whole.With(Power(0));
        LocalSignal signal = new(
            [0, 0.05, 0.1, 0.15, 0.2], [1, 1, 1, 1, 1], new CompletionRegions(whole, none, none), voxels, 0.2, VoxelSize, 1);
        for (int number = 0; number < 5; number++)
        {
            signal.SetNoise(number, noise);
            signal.SetPower(number, number >= 2 && number < 2 + bandsWithSignal ? Power(6) : noise);
        }
        signal.Measure();
        Assert.That(signal.Straighten(_ => 1), isThere ? Is.EqualTo(0).Within(1e-9) : Is.Null);

        double[] Power(double value) => [.. Enumerable.Repeat(value, (int)CoarseField.CellsOf(box, 2).Count)];
    }

    /// <summary>Without a reference, each of two places is brought to the B-factor that is asked for, whatever its own.</summary>
    [TestCase(0, true)]
    [TestCase(60, true)]
    [TestCase(60, false)]
    [TestCase(-30, true)]
    [Category("Long")]
    public void Places_of_any_blur_get_one_B_factor(double difference, bool hasHalves)
    {
        const double scale = 5, wanted = 30;
        float[] first = Ball(_modelled, 1), second = Ball(_bare, 2);
        float[] map = [.. Blurred(first, Sharp + Blur, scale).Zip(Blurred(second, Sharp + Blur + difference, scale), (x, y) => x + y)];
        LocScale.Maps.Completion.Completion made = Complete(map, null, deviation: 0.05f, wanted, hasHalves);

        TestContext.Out.WriteLine($"to {1 / made.Gain.LastFrequency:0.0} Å, B {made.BFactor:0.0}");
        Assert.That(made.BFactor, Is.InRange(Sharp + Blur + Math.Min(0, difference) - 6, Sharp + Blur + Math.Max(0, difference) + 6));
        foreach ((int[] centre, float[] points) in new[] { (_modelled, first), (_bare, second) })
        {
            float[] found = In(centre, made.Values), expected = In(centre, Blurred(points, wanted, scale));
            double[] ratios = [.. new (double, double)[] { (0.05, 0.1), (0.1, 0.15), (0.15, 0.2), (0.2, 0.25) }.Select(band => Amplitude(found, band) / Amplitude(expected, band))];
            TestContext.Out.WriteLine(string.Join(' ', ratios.Select(ratio => $"{ratio:0.000}")));
            Assert.That(ratios, Has.All.EqualTo(1).Within(0.1));
            Assert.That(MapCorrelation.Of(Low(found), Low(expected)), Is.GreaterThan(0.95));
        }
        // What only noise is known of by its mean over the solvent, not by its half maps, varies more.
        Assert.That(Rms(In(_empty, made.Values)), Is.LessThan((hasHalves ? 0.12 : 0.15) * Rms(In(_bare, made.Values))));
    }

    [Test]
    public void Without_signal_there_is_no_completion()
    {
        float[] reference = Blurred(Ball(_modelled, 1), Sharp);
        Assert.That(Run(new float[_size.Count], reference, 0.02f, new TeamOfOne(), 1), Is.Null);
        Assert.That(Run(new float[_size.Count], null, 0.02f, new TeamOfOne(), 1, bFactor: 20), Is.Null);
    }

    /// <summary>
    /// A hole among packed points has no less power than what fills it, but density is lacking there, and all of it is completed; the
    /// same place needs nothing where the reference has its points.
    /// </summary>
    [TestCase(true)]
    [TestCase(false)]
    public void A_gap_between_atoms_is_completed(bool isGap)
    {
        float[] all = PackedBall(_modelled), reference = [.. all];
        byte[] modelled = Weights([_modelled], 1), weights = new byte[_size.Count];
        TestMaps.ForEachVoxel(_size, (i, x, y, z) =>
        {
            int square = Square(_modelled, x, y, z);
            reference[i] = isGap && square <= GapRadius * GapRadius ? 0 : all[i];
            modelled[i] = square <= (GapRadius + 2) * (GapRadius + 2) ? (byte)0 : modelled[i];
            weights[i] = square <= GapRadius * GapRadius ? (byte)255 : weights[i];
        });
        LocScale.Maps.Completion.Completion made = SameForAllTeams((team, threads) => Run(
            Blurred(all, Sharp + Blur, 5), Blurred(reference, Sharp), 0.08f, team, threads,
            parts: new ReferenceParts(weights, new VoxelMask(_size, modelled), new VoxelMask(_size, new byte[_size.Count]))));

        double inGap = NeedAt(made, _modelled);
        TestContext.Out.WriteLine($"need {inGap:0.000}");
        Assert.That(inGap, isGap ? Is.GreaterThan(0.99) : Is.LessThan(0.01));

        static double NeedAt(LocScale.Maps.Completion.Completion made, int[] place)
        {
            float[] row = new float[_size.NX];
            made.Need.Rows(0, _size.NZ, 1)(place[1], place[2], row);
            return row[place[0]];
        }
    }

    private static LocScale.Maps.Completion.Completion Complete(
        float[] map, float[]? reference, float deviation, double? bFactor = null, bool hasHalves = true)
    {
        return SameForAllTeams((team, threads) => Run(map, reference, deviation, team, threads, bFactor, hasHalves));
    }

    private static LocScale.Maps.Completion.Completion SameForAllTeams(Func<ITeam, int, LocScale.Maps.Completion.Completion?> run)
    {
        LocScale.Maps.Completion.Completion alone = run(new TeamOfOne(), 1)!;
        LocScale.Maps.Completion.Completion[] shared = ThreadTeam.Run(3, team => run(team, 2)!);
        Assert.That(shared[0].Values, Is.EqualTo(alone.Values), "bits");
        Assert.That(shared[2].Need.Values, Is.EqualTo(alone.Need.Values), "bits of the need");
        return alone;
    }

    private static LocScale.Maps.Completion.Completion? Run(
        float[] map, float[]? reference, float deviation, ITeam team, int threads, double? bFactor = null, bool hasHalves = true,
        ReferenceParts? parts = null)
    {
        bool isFirst = team.Rank == 0;
        float[] difference = [.. TestMaps.Noise(_size, 7).Select(value => deviation * value)];
        float[] mean = [.. map.Zip(TestMaps.Noise(_size, 8), (signal, noise) => signal + (deviation * noise))];
        // Without a reference, all of it is completed.
        VoxelMask modelled = new(_size, Weights(reference is null ? [_modelled, _bare] : [_modelled], 1));
        VoxelMask solvent = new(_size, hasHalves ? new byte[_size.Count] : Weights([_empty], 1));
        parts ??= new ReferenceParts(Weights(reference is null ? [_modelled, _bare, _empty] : [_bare, _empty], 255), modelled, solvent);
        using BoxTransform transform = new(_size, team, threads);
        VoxelBox part = VoxelBox.All(_size);
        CompletionRegions regions = CompletionRegions.Count(isFirst ? parts : null, part, transform, VoxelSize);
        return ReferenceCompletion.Of(
            Planes(mean), hasHalves ? Planes(difference) : null, reference is null ? null : Planes(reference), _points, regions, part,
            transform, VoxelSize, finest: 0, bFactor);

        RowReader Planes(float[] all) => new OwnPlanes<float>(isFirst ? all : null, _size, transform.Planes, team).Read;
    }

    private static byte[] Weights(int[][] centres, byte weight)
    {
        byte[] weights = new byte[_size.Count];
        TestMaps.ForEachVoxel(_size, (i, x, y, z) =>
        {
            if (centres.Any(centre => Square(centre, x, y, z) <= (Radius + 2) * (Radius + 2)))
                weights[i] = weight;
        });
        return weights;
    }

    private static float[] Ball(int[] centre, int seed)
    {
        Random random = new(seed);
        float[] points = new float[_size.Count];
        for (int i = 0; i < 500;)
        {
            int x = random.Next(_size.NX), y = random.Next(_size.NY), z = random.Next(_size.NZ);
            if (Square(centre, x, y, z) > Radius * Radius)
                continue;
            points[_size.Index(x, y, z)] += 1;
            i++;
        }
        return points;
    }

    // A point in each cube of two voxels, as evenly spread as atoms are.
    private static float[] PackedBall(int[] centre)
    {
        Random random = new(1);
        float[] points = new float[_size.Count];
        TestMaps.ForEachVoxel(_size, (_, x, y, z) =>
        {
            if (((x | y | z) & 1) == 0 && Square(centre, x, y, z) <= Radius * Radius)
                points[_size.Index(x + random.Next(2), y + random.Next(2), z + random.Next(2))] = 1;
        });
        return points;
    }

    private static int Square(int[] centre, int x, int y, int z) =>
        ((x - centre[0]) * (x - centre[0])) + ((y - centre[1]) * (y - centre[1])) + ((z - centre[2]) * (z - centre[2]));

    private static float[] Blurred(float[] map, double b, double scale = 1) => Filtered(map, s => scale * Math.Exp(-b * s * s / 4));

    private static float[] Low(float[] map) => Filtered(map, s => s < 0.25 ? 1 : 0);

    private static float[] In(int[] centre, float[] map)
    {
        float[] inside = new float[map.Length];
        TestMaps.ForEachVoxel(_size, (i, x, y, z) => inside[i] = Square(centre, x, y, z) <= (Radius + 2) * (Radius + 2) ? map[i] : 0);
        return inside;
    }

    private static double Amplitude(float[] map, (double From, double To) band) =>
        Rms(Filtered(map, s => s >= band.From && s < band.To ? 1 : 0));

    private static double Rms(float[] values) => Math.Sqrt(values.Sum(value => (double)value * value) / values.Length);

    private static float[] Filtered(float[] map, Func<double, double> gain)
    {
        using WholeMap whole = new(map, _size);
        return whole.Filter(gain, VoxelSize).ToMap();
    }
}
