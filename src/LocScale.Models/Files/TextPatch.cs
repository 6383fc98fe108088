namespace LocScale.Models.Files;

/// <summary>
/// A replacement in a text: <paramref name="Length"/> bytes at <paramref name="Start"/> give way to ASCII letters.
/// </summary>
internal readonly record struct TextPatch(int Start, int Length, string Replacement)
{
    /// <summary>
    /// Writes a text with its patches, which do not overlap. Patches at the same place keep their order.
    /// </summary>
    public static void Write(ReadOnlySpan<byte> text, IEnumerable<TextPatch> patches, Stream output)
    {
        int written = 0;
        Span<byte> ascii = stackalloc byte[64];
        foreach (TextPatch patch in patches.OrderBy(patch => patch.Start))
        {
            output.Write(text[written..patch.Start]);
            string replacement = patch.Replacement;
            while (replacement.Length > 0)
            {
                int count = Math.Min(ascii.Length, replacement.Length);
                for (int i = 0; i < count; i++)
                    ascii[i] = (byte)replacement[i];
                output.Write(ascii[..count]);
                replacement = replacement[count..];
            }
            written = patch.Start + patch.Length;
        }
        output.Write(text[written..]);
    }
}
