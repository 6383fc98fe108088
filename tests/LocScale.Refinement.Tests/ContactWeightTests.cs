using LocScale.Maps;
using LocScale.Parallel;

namespace LocScale.Refinement.Tests;

public class ContactWeightTests
{
    private const double Resolution = 3;

    /// <summary>
    /// Within a helix residues touch those one turn on. Where all of a helix moves alike, these contacts ask for more weight;
    /// where it is the residues along the chain that do, those of the next turn not, for less.
    /// </summary>
    [TestCase(20, true)]
    [TestCase(3, false)]
    [Category("Long")]
    public void Contacts_weigh_more_where_neighbours_move_alike(int residuesAlike, bool alike)
    {
        (double usual, double[] chosen) = Totals(residuesAlike, 1);
        TestContext.Out.WriteLine($"sum of all weights {usual:F1}, chosen {chosen[0]:F1}");
        Assert.That(chosen[0] / usual, alike ? Is.GreaterThan(1.01) : Is.LessThan(0.995));
    }

    /// <summary>
    /// What is unexplained is the same, but less and less of it is noise: the rest misleads as much, so that the choice stays.
    /// </summary>
    [TestCase(20)]
    [TestCase(3)]
    [Category("Long")]
    public void Misfit_counts_as_noise(int residuesAlike)
    {
        (double usual, double[] chosen) = Totals(residuesAlike, 0.9, 0.5, 0.1);
        TestContext.Out.WriteLine($"sum of all weights {usual:F1}, chosen {string.Join(' ', chosen)}");
        Assert.That(chosen, Has.All.Not.EqualTo(usual));
        Assert.That(chosen, Has.All.EqualTo(chosen[0]));
    }

    // The sum of all weights as they are, and as they are chosen, the gradient of the noise being multiplied by some factors.
    private static (double Usual, double[] Chosen) Totals(int residuesAlike, params double[] noiseFactors)
    {
        SimulatedParticle unlike = new(31);
        SimulatedParticle particle = new(31)
        {
            TrueB = [.. unlike.TrueB.Select((_, i) => i / (5 * residuesAlike) % 2 == 0 ? 25.0 : 90)],
        };
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(Resolution);
        using WhitenedData data = Whitened(particle, Alone.Maps(half1, half2));
        using MaskedLikelihood likelihood = Likelihood(particle, data);
        double[] b = Alone.Refine(particle.Model, half1, half2, new BFactorRefinementOptions { Resolution = Resolution }).BFactors;
        double[] rootB = Array.ConvertAll(b, Math.Sqrt), gradient = new double[b.Length], noise = new double[b.Length];
        likelihood.Place(b, updateVariance: true);
        likelihood.Gradient(b, gradient, new double[b.Length]);
        Assert.That(likelihood.NoiseGradient(b, noise), Is.True);
        RefinedAtoms atoms = RefinedAtoms.From(particle.Model, [], default);
        double[] strengths = Scatterers.Of(atoms, data.Box, withHydrogens: false).Strengths(b.Length, data.Faces);
        return (Total(new PosteriorCurvature(atoms, new TeamOfOne(), 1)), Array.ConvertAll(noiseFactors, factor =>
        {
            PosteriorCurvature curvature = new(atoms, new TeamOfOne(), 1);
            ContactWeight.Choose(
                curvature, rootB, strengths, likelihood.PairInformation(), 1 / (0.7 * 0.7), gradient,
                Array.ConvertAll(noise, n => factor * n));
            return Total(curvature);
        }));

        static double Total(PosteriorCurvature curvature)
        {
            double sum = 0;
            foreach (double value in curvature.Restraints.Curvature)
                sum += value;
            return sum;
        }
    }

    /// <summary>The gradient is linear in the map: with the noise added to the map it differs by that of the noise.</summary>
    [Test]
    [Category("Long")]
    public void The_gradient_of_noise_is_what_noise_adds_to_the_gradient()
    {
        SimulatedParticle particle = new(32);
        (DensityMap half1, DensityMap half2) = particle.HalfMaps(Resolution);
        // Half maps of the same difference, whose mean is the first half.
        DensityMap Shifted(DensityMap map) => new(
            map.Size, map.Frame, [.. map.Values.Select((value, i) => value + (0.5f * (half1.Values[i] - half2.Values[i])))]);
        double[] noise = new double[particle.TrueB.Length];
        double[] mean = OfMap(half1, half2, noise), first = OfMap(Shifted(half1), Shifted(half2), null);
        double scale = Math.Sqrt(noise.Average(g => g * g));
        for (int i = 0; i < noise.Length; i++)
            Assert.That(first[i] - mean[i], Is.EqualTo(noise[i]).Within(1e-3 * scale), $"atom {i}");

        // J·W·map for each atom, from gradient −k (J·W·map − k J·W·model) and mixed derivative k J·W·model.
        double[] OfMap(DensityMap one, DensityMap other, double[]? ofNoise)
        {
            using WhitenedData data = Whitened(particle, Alone.Maps(one, other));
            using MaskedLikelihood likelihood = Likelihood(particle, data);
            double[] b = particle.TrueB, gradient = new double[b.Length], mixed = new double[b.Length];
            likelihood.Place(b, updateVariance: false);
            likelihood.Gradient(b, gradient, mixed);
            if (ofNoise is not null)
            {
                likelihood.NoiseGradient(b, ofNoise);
                for (int i = 0; i < ofNoise.Length; i++)
                    ofNoise[i] *= -data.Unit / likelihood.Scale;
            }
            return [.. gradient.Zip(mixed, (g, m) => data.Unit * (m - (g / likelihood.Scale)))];
        }
    }

    [Test]
    [Category("Long")]
    public void A_single_map_does_not_tell()
    {
        SimulatedParticle particle = new(33);
        using WhitenedData data = Whitened(particle, RefinementMaps.Of(particle.HalfMaps(Resolution).First));
        using MaskedLikelihood likelihood = Likelihood(particle, data);
        Assert.That(likelihood.NoiseGradient(particle.TrueB, new double[particle.TrueB.Length]), Is.False);
    }

    private static WhitenedData Whitened(SimulatedParticle particle, RefinementMaps maps) => WhitenedData.From(
        maps, RefinedAtoms.From(particle.Model, [], default).Positions, Resolution, new TeamOfOne(), 1);

    private static MaskedLikelihood Likelihood(SimulatedParticle particle, WhitenedData data) => new(
        data, Scatterers.Of(RefinedAtoms.From(particle.Model, [], default), data.Box, withHydrogens: false), new TeamOfOne(), 1);
}
