using System.Globalization;
using System.Security;
using LocScale.Maps.HalfMaps;

namespace LocScale.Maps.Files;

/// <summary>Writes Fourier shell correlations as tables, as what EMDB takes, and as RELION does.</summary>
public static class FscCurveFiles
{
    /// <summary>
    /// Writes a table with a header line: shell, frequency in 1/Å, resolution in Å, and a column for every curve.
    /// </summary>
    /// <param name="writer">Where the table goes.</param>
    /// <param name="fsc">The curves.</param>
    public static void WriteCsv(TextWriter writer, HalfMapFsc fsc)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(fsc);
        (string Name, FscCurve Curve)[] columns = fsc.Masking is { } masking
            ?
            [
                ("unmasked", fsc.Unmasked), ("masked", masking.Masked),
                ("phase_randomised", masking.PhaseRandomised), ("corrected", masking.Corrected),
            ]
            : [("unmasked", fsc.Unmasked)];
        string names = string.Join(',', columns.Select(c => c.Name));
        writer.Write($"shell,frequency_in_inverse_angstrom,resolution_in_angstrom,{names}\n");
        for (int shell = 0; shell < fsc.Unmasked.Frequencies.Length; shell++)
        {
            double frequency = fsc.Unmasked.Frequencies[shell];
            // The origin has no resolution.
            string resolution = frequency > 0 ? Text(1 / frequency) : "";
            string values = string.Join(',', columns.Select(c => Text(c.Curve.Correlations[shell])));
            writer.Write($"{shell},{Text(frequency)},{resolution},{values}\n");
        }
    }

    /// <summary>Writes a curve in the format of EMDB's depositions: pairs of frequency (1/Å) and correlation.</summary>
    /// <param name="writer">Where the document goes.</param>
    /// <param name="curve">The curve.</param>
    /// <param name="title">What the curve is of.</param>
    public static void WriteXml(TextWriter writer, FscCurve curve, string title)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(curve);
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        string escaped = SecurityElement.Escape(title);
        writer.Write($"<fsc title=\"{escaped}\" xaxis=\"Resolution (A-1)\" yaxis=\"Correlation Coefficient\">\n");
        foreach ((double frequency, double correlation) in curve.Frequencies.Zip(curve.Correlations))
        {
            writer.Write(
                $"  <coordinate>\n    <x>{Text(frequency)}</x>\n    <y>{Text(correlation)}</y>\n  </coordinate>\n");
        }
        writer.Write("</fsc>\n");
    }

    /// <summary>
    /// Writes what RELION's post-processing writes into its <c>postprocess.star</c>: the blocks <c>general</c> and
    /// <c>fsc</c> with RELION's labels, here without a sharpening B-factor and a Guinier plot. Without a mask the curve of
    /// the maps as they are stands in all columns, as there.
    /// </summary>
    /// <param name="writer">Where the document goes.</param>
    /// <param name="fsc">The curves.</param>
    /// <param name="firstHalf">The name of half map 1.</param>
    /// <param name="secondHalf">The name of half map 2.</param>
    /// <param name="mask">The name of the mask; null where there is no file of it.</param>
    public static void WriteStar(TextWriter writer, HalfMapFsc fsc, string firstHalf, string secondHalf, string? mask)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(fsc);
        double[] frequencies = fsc.Unmasked.Frequencies;
        writer.Write("\n# version 30001\n\ndata_general\n\n");
        Item("FinalResolution", Text(fsc.Resolution.Angstrom));
        Item("UnfilteredMapHalf1", StarWord(firstHalf));
        Item("UnfilteredMapHalf2", StarWord(secondHalf));
        if (mask is not null)
            Item("MaskName", StarWord(mask));
        if (fsc.Masking is { FirstRandomShell: int first } && first > 0 && first < frequencies.Length)
            Item("RandomiseFrom", Text(1 / frequencies[first]));

        (string Label, FscCurve Curve)[] columns =
        [
            ("FourierShellCorrelationCorrected", fsc.Masking?.Corrected ?? fsc.Unmasked),
            ("FourierShellCorrelationUnmaskedMaps", fsc.Unmasked),
            ("FourierShellCorrelationMaskedMaps", fsc.Masking?.Masked ?? fsc.Unmasked),
            ("CorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps", fsc.Masking?.PhaseRandomised ?? fsc.Unmasked),
        ];
        writer.Write("\n\n# version 30001\n\ndata_fsc\n\nloop_\n");
        string[] labels = ["SpectralIndex", "Resolution", "AngstromResolution", .. columns.Select(c => c.Label)];
        for (int column = 0; column < labels.Length; column++)
            writer.Write($"_rln{labels[column]} #{column + 1}\n");
        for (int shell = 0; shell < frequencies.Length; shell++)
        {
            // RELION's number for the resolution of the origin.
            double angstrom = frequencies[shell] > 0 ? 1 / frequencies[shell] : 999;
            string values = string.Concat(columns.Select(c => $" {Text(c.Curve.Correlations[shell]),12}"));
            writer.Write($"{shell,12} {Text(1 / angstrom),12} {Text(angstrom),12}{values}\n");
        }
        writer.Write("\n");

        void Item(string label, string value) => writer.Write($"_rln{label,-40} {value}\n");
    }

    /// <summary>A word of a STAR file; in quotes where it holds blanks.</summary>
    private static string StarWord(string word) =>
        word.Any(char.IsWhiteSpace) || word.Length == 0 || "#_'\"$[;".Contains(word[0], StringComparison.Ordinal) ? $"\"{word}\"" : word;

    private static string Text(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
}
