using LocScale.Models.Atoms;

namespace LocScale.Models.Density;

/// <summary>
/// How strongly protein scatters by the frequency, whatever its fold: the sum of the squared form factors of its atoms, times
/// what their arrangement makes of it, which hardly differs from protein to protein between 12 Å and 2 Å: a minimum at 7 Å,
/// helices and strands at 4–5 Å, and the neighbours of an atom. Below, the shape of the particle rules.
/// </summary>
public static class ProteinProfile
{
    /// <summary>From this frequency on, 1/Å, the profile holds.</summary>
    public const double FirstFrequency = 1 / 12.0;

    /// <summary>Atoms but hydrogens, 1/Å³: 13.4 Da each with their hydrogens, at 0.81 Da/Å³.</summary>
    public const double AtomsPerVolume = 0.0605;

    /// <summary>
    /// The B-factor of model maps whose sharpest atoms have B = 0, Å²: the median over ten maps of 2.3 to 4 Å, which have 9
    /// to 53.
    /// </summary>
    public const double UsualB = 24;

    private const double FirstEntry = 0.04, Step = 0.02;

    // Mean |F|² over Σ f² at B = 0: median of 1TII, a model of rotavirus VP6, 3MFP, 7CEC, EMD-6272's and parts of 3J6B, 1OED,
    // 5FN5 and 6I5A; single ones deviate by 8 % from 10 Å on.
    private static readonly double[] Arrangement =
    [
        16.302, 4.685, 3.308, 2.082, 1.278, 1.003, 1.045, 1.242, 1.702, 1.835, 1.559, 1.277, 1.089, 0.924, 0.821, 0.787, 0.765,
        0.758, 0.786, 0.835, 0.884, 0.931, 0.913, 0.889,
    ];

    // Of the atoms but hydrogens, in the mean of proteins.
    private static readonly (string Element, double Share)[] Composition =
        [("C", 0.632), ("N", 0.172), ("O", 0.190), ("S", 0.006)];

    /// <summary>The mean |F|² of one atom of a protein, Å², at a frequency, 1/Å.</summary>
    /// <param name="frequency">The frequency.</param>
    /// <param name="b">The B-factor, Å².</param>
    public static double PowerOfAtom(double frequency, double b)
    {
        double place = Math.Clamp((frequency - FirstEntry) / Step, 0, Arrangement.Length - 1.001);
        int entry = (int)place;
        double arrangement = Arrangement[entry] + ((place - entry) * (Arrangement[entry + 1] - Arrangement[entry]));
        double square = 0;
        foreach ((string symbol, double share) in Composition)
        {
            if (ElectronFormFactors.TryGet(Element.FromSymbol(symbol), out ElectronFormFactor? factor))
                square += share * Math.Pow(factor.At(frequency), 2);
        }
        return arrangement * square * Math.Exp(-b * frequency * frequency / 2);
    }
}
