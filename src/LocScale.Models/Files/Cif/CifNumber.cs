namespace LocScale.Models.Files.Cif;

/// <summary>Numbers as CIF writes them: with a standard uncertainty in brackets, perhaps.</summary>
internal static class CifNumber
{
    /// <summary>Reads a number and passes over an uncertainty, as in 1.234(5).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value) =>
        DecimalText.TryParse(WithoutUncertainty(text), out value);

    /// <summary>The number before its uncertainty.</summary>
    public static ReadOnlySpan<byte> WithoutUncertainty(ReadOnlySpan<byte> text)
    {
        int bracket = text.IndexOf((byte)'(');
        return bracket > 0 && text[^1] == ')' ? text[..bracket] : text;
    }
}
