using System.Globalization;
using System.Security;
using LocScale.Maps.HalfMaps;

namespace LocScale.Maps.Files;

/// <summary>Writes Fourier shell correlations as tables and as what EMDB takes.</summary>
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

    private static string Text(double value) => value.ToString("0.000000", CultureInfo.InvariantCulture);
}
