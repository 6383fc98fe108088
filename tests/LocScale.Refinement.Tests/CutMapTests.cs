using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

/// <summary>Maps cut right through the molecule, as boxes taken out of deposited maps are.</summary>
public class CutMapTests
{
    private const double Resolution = 3;

    [TestCase(0)]
    [TestCase(100)]
    public void Gradient_is_that_of_finite_differences(double blur)
    {
        (AtomicModel model, double[] trueB, DensityMap half1, DensityMap half2) = Cut(21, blur);
        RefinedAtoms atoms = RefinedAtoms.From(model, [], default);
        using WhitenedData data = WhitenedData.From(Alone.Maps(half1, half2), atoms.Positions, Resolution, new TeamOfOne(), 1);
        using MaskedLikelihood likelihood = new(
            data, Scatterers.Of(atoms, data.Box, withHydrogens: false), new TeamOfOne(), 1);
        // B-factors too high everywhere give a slope that nothing cancels.
        double[] b = Array.ConvertAll(trueB, t => 1.3 * t), gradient = new double[b.Length], mixed = new double[b.Length];
        likelihood.Place(b, updateVariance: true);
        likelihood.Gradient(b, gradient, mixed);
        double[] everywhere = Array.ConvertAll(b, _ => 1.0);
        double[] faces = Array.ConvertAll(model.Atoms, a => DepthIn(half1, a.Position) < 5 ? 1.0 : 0);
        double whole = gradient.Sum();
        using (Assert.EnterMultipleScope())
        {
            foreach (double[] direction in (double[][])[everywhere, faces])
            {
                double expected = TargetAt(direction, 0.5) - TargetAt(direction, -0.5);
                double found = gradient.Zip(direction, (g, d) => g * d).Sum();
                TestContext.Out.WriteLine($"{direction.Sum()} atoms: gradient {found:F2}, finite differences {expected:F2}");
                Assert.That(found, Is.EqualTo(expected).Within(0.02 * whole));
            }
        }

        double TargetAt(double[] direction, double step)
        {
            likelihood.Place([.. b.Zip(direction, (x, d) => x + (step * d))], updateVariance: false);
            return likelihood.Target();
        }
    }

    /// <summary>
    /// The level follows the blur of the map, noise and all, and no cycle ends worse than one before. The blurred map's power
    /// falls as steeply as a filter's, but so does the model's.
    /// </summary>
    [Test]
    [Category("Long")]
    public void Blur_of_the_map_is_found_as_B_and_nothing_runs_away([Values] bool halves)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (double blur in (double[])[0, 120])
            {
                (AtomicModel model, double[] trueB, DensityMap half1, DensityMap half2) = Cut(22, blur);
                BFactorRefinementOptions options = new() { Resolution = Resolution, Threads = 2 };
                float[] mean = [.. half1.Values.Zip(half2.Values, (a, b) => 0.5f * (a + b))];
                BFactorRefinementResult result = halves
                    ? Alone.Refine(model, half1, half2, options)
                    : Alone.Refine(model, new DensityMap(half1.Size, half1.Frame, mean), options);
                double best = result.Cycles.Max(cycle => cycle.FscAverage), last = result.Cycles[^1].FscAverage;
                BFactorAgreement agreement = BFactorAgreement.Of(result.BFactors, trueB);
                TestContext.Out.WriteLine(
                    $"blur {blur}: {agreement}, {result.Cycles.Count} cycles, FSC at best {best:F4}, last {last:F4}");
                Assert.That(result.Converged, Is.True);
                Assert.That(last, Is.GreaterThan(best - 0.005));
                Assert.That(agreement.MeanError, Is.EqualTo(0).Within(halves ? 2.5 : 4));
                Assert.That(result.Warnings, Has.None.Contains("filtered"));
                Assert.That(agreement.Correlation, Is.GreaterThan(0.88));
            }
        }
    }

    // Half maps of the 753 atoms, cut so that some atoms are left out and some lie at the faces.
    private static (AtomicModel Model, double[] TrueB, DensityMap Half1, DensityMap Half2) Cut(int seed, double blur)
    {
        SimulatedParticle whole = new(seed);
        SimulatedParticle blurred = new(seed) { TrueB = Array.ConvertAll(whole.TrueB, b => b + blur) };
        (DensityMap half1, DensityMap half2) = blurred.HalfMaps(3.2, noiseB: blur);
        const int first = 18, edge = 38;
        double voxel = half1.Frame.VoxelSize, low = first * voxel;
        GridSize size = new(edge, edge, half1.Size.NZ);
        int[] kept =
        [
            .. Enumerable.Range(0, whole.TrueB.Length).Where(i =>
                Math.Min(whole.Model.Atoms[i].Position.X, whole.Model.Atoms[i].Position.Y) > low - 2
                && Math.Max(whole.Model.Atoms[i].Position.X, whole.Model.Atoms[i].Position.Y) < low + (edge * voxel) + 2),
        ];
        AtomicModel model = new()
        {
            Atoms = Array.ConvertAll(kept, i =>
            {
                Atom atom = whole.Model.Atoms[i];
                return atom with { Position = new Position(atom.Position.X - low, atom.Position.Y - low, atom.Position.Z) };
            }),
        };
        return (model, Array.ConvertAll(kept, i => blurred.TrueB[i]), Part(half1), Part(half2));

        DensityMap Part(DensityMap map)
        {
            float[] values = new float[size.Count];
            for (int i = 0; i < values.Length; i++)
            {
                (int x, int y, int z) = (i % edge, i / edge % edge, i / edge / edge);
                values[i] = map.Values[map.Size.Index(x + first, y + first, z)];
            }
            return new DensityMap(size, MapFrame.AtOrigin(size, voxel), values);
        }
    }

    private static double DepthIn(DensityMap map, Position p)
    {
        double x = map.Size.NX * map.Frame.VoxelSize, y = map.Size.NY * map.Frame.VoxelSize;
        return Math.Min(Math.Min(p.X, x - p.X), Math.Min(p.Y, y - p.Y));
    }
}
