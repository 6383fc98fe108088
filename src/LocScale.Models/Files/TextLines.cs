using System.Text;

namespace LocScale.Models.Files;

/// <summary>
/// Walks the lines of a text that end in LF, CR LF or CR alone, mixed as they may be; a byte order mark is passed over.
/// </summary>
internal ref struct TextLines
{
    private readonly ReadOnlySpan<byte> _text;
    private int _next;

    public TextLines(ReadOnlySpan<byte> text)
    {
        _text = text;
        _next = text.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Where the current line starts, in bytes from the start of the text.</summary>
    public int Start { get; private set; }

    /// <summary>The length of the current line without its end.</summary>
    public int Length { get; private set; }

    /// <summary>The number of the current line, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current line without its end.</summary>
    public readonly ReadOnlySpan<byte> Current => _text.Slice(Start, Length);

    /// <summary>The number, from 1, of the line that a byte of a text lies in.</summary>
    public static int NumberAt(ReadOnlySpan<byte> text, int position)
    {
        TextLines lines = new(text);
        while (lines.MoveNext() && lines.Start + lines.Length < position)
        {
        }
        return Math.Max(1, lines.Number);
    }

    /// <summary>
    /// The word that begins at a byte of a text as a message may quote it: not overlong, and with a question mark for
    /// what cannot be printed.
    /// </summary>
    public static string WordAt(ReadOnlySpan<byte> text, int position)
    {
        const int longest = 20;
        text = text[position..];
        int end = text.IndexOfAnyInRange((byte)0, (byte)' ');
        ReadOnlySpan<byte> word = text[..Math.Min(end < 0 ? text.Length : end, longest)];
        StringBuilder printable = new(word.Length);
        foreach (byte letter in word)
            printable.Append(char.IsControl((char)letter) ? '?' : (char)letter);
        return printable.ToString();
    }

    /// <summary>Goes to the next line, if there is one.</summary>
    public bool MoveNext()
    {
        if (_next >= _text.Length)
            return false;
        ReadOnlySpan<byte> rest = _text[_next..];
        int length = rest.IndexOfAny((byte)'\n', (byte)'\r');
        Start = _next;
        Number++;
        if (length < 0)
        {
            Length = rest.Length;
            _next = _text.Length;
            return true;
        }
        Length = length;
        bool pair = rest[length] == '\r' && length + 1 < rest.Length && rest[length + 1] == '\n';
        _next += length + (pair ? 2 : 1);
        return true;
    }
}
