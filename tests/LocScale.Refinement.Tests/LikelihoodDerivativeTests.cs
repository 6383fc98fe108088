using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

public class LikelihoodDerivativeTests
{
    private const double Resolution = 3.2;

    [Test]
    public void Gradient_is_that_of_finite_differences()
    {
        SimulatedParticle particle = new(3);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(3.2);
        using WhitenedData data = Whitened(particle, half1, half2);
        using MaskedLikelihood likelihood = Likelihood(particle, data);
        double[] b = Enumerable.Range(0, particle.TrueB.Length).Select(i => 30.0 + (i % 7 * 8)).ToArray();
        likelihood.Place(b, updateVariance: true);
        double[] gradient = new double[b.Length], mixed = new double[b.Length];
        likelihood.Gradient(b, gradient, mixed);
        double scale = Math.Sqrt(gradient.Average(g => g * g));
        using (Assert.EnterMultipleScope())
        {
            foreach (int i in (int[])[1, 17, 60, 133, 250, 301, b.Length - 1])
            {
                Assert.That(gradient[i], Is.EqualTo(TargetSlope.Of(likelihood, b, i)).Within(0.02 * scale), $"atom {i}");
            }
        }
    }

    [Test]
    public void Curvature_is_that_of_finite_differences()
    {
        SimulatedParticle particle = new(4);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(2.5);
        using WhitenedData data = Whitened(particle, half1, half2);
        using MaskedLikelihood likelihood = Likelihood(particle, data);
        int count = particle.TrueB.Length;
        double[] b = particle.TrueB, u = Array.ConvertAll(b, Math.Sqrt);
        likelihood.Place(b, updateVariance: true);
        double[] gradient = new double[count], mixed = new double[count], product = new double[count];
        likelihood.Gradient(b, gradient, mixed);
        double stiffness = likelihood.ScaleCurvature;
        PosteriorCurvature curvature = new(RefinedAtoms.From(particle.Model, [], default), new TeamOfOne(), 1);
        double[] strength = Array.ConvertAll(particle.Model.Atoms, a =>
        {
            ElectronFormFactors.TryGet(a.Element, out ElectronFormFactor? formFactor);
            return FisherTable.Strength(formFactor!);
        });
        curvature.Set(u, strength, likelihood.PairInformation(), 0);
        Random random = new(1);
        double[] signs = [.. Enumerable.Range(0, count).Select(_ => random.Next(2) == 0 ? 1.0 : -1.0)];
        double[] bumps = [.. Enumerable.Range(0, count).Select(i => Math.Sin(i / 20.0))];
        double[] single = new double[count];
        single[77] = 1;
        using (Assert.EnterMultipleScope())
        {
            foreach (double[] direction in (double[][])[single, signs, bumps])
            {
                // Along u, with the scale following: dᵀHd − (cᵀd)²/a, and the slope of B = u² turned into one of u.
                double across = 0;
                for (int i = 0; i < count; i++)
                    across += mixed[i] * 2 * u[i] * direction[i];
                double expected = curvature.Multiply(direction, product) - (across * across / stiffness);
                const double step = 0.05;
                double found = (SlopeAt(direction, step) - SlopeAt(direction, -step)) / (2 * step);
                TestContext.Out.WriteLine($"curvature {expected:G5}, finite differences {found:G5}");
                Assert.That(found / expected, Is.EqualTo(1).Within(0.25));
            }
        }

        // The slope along u, less what the second derivative of B = u² adds to the residual.
        double SlopeAt(double[] direction, double step)
        {
            double[] moved = [.. u.Select((v, i) => Math.Pow(v + (step * direction[i]), 2))];
            double[] slopes = new double[count];
            likelihood.Place(moved, updateVariance: false);
            likelihood.Gradient(moved, slopes, product);
            return slopes.Select((g, i) => g * 2 * u[i] * direction[i]).Sum();
        }
    }

    private static WhitenedData Whitened(SimulatedParticle particle, DensityMap half1, DensityMap half2) =>
        WhitenedData.From(
            Alone.Maps(half1, half2), RefinedAtoms.From(particle.Model, [], default).Positions, Resolution, new TeamOfOne(), 1);

    private static MaskedLikelihood Likelihood(SimulatedParticle particle, WhitenedData data) => new(
        data, Scatterers.Of(RefinedAtoms.From(particle.Model, [], default), data.Box, withHydrogens: false), new TeamOfOne(), 1);
}
