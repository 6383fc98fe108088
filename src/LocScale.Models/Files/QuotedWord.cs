using System.Text;

namespace LocScale.Models.Files;

/// <summary>Words of a file as a message may quote them.</summary>
internal static class QuotedWord
{
    private const int Longest = 20;

    /// <summary>The first word of some bytes, not overlong, with a question mark for what cannot be printed.</summary>
    public static string Of(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAnyInRange((byte)0, (byte)' ');
        ReadOnlySpan<byte> word = text[..Math.Min(end < 0 ? text.Length : end, Longest)];
        StringBuilder printable = new(word.Length);
        foreach (byte letter in word)
            printable.Append(char.IsControl((char)letter) ? '?' : (char)letter);
        return printable.ToString();
    }
}
