using System.Text;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// Cuts a text into the tokens of CIF 1.1 (Hall, Allen and Brown 1991; iucr.org/resources/cif/spec/version1.1). White
/// space is what is not above the blank, so that control characters separate and never join.
/// </summary>
internal ref struct CifLexer
{
    private readonly ReadOnlySpan<byte> _text;

    public CifLexer(ReadOnlySpan<byte> text)
    {
        _text = text;
        End = text.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Where the current token starts.</summary>
    public int Start { get; private set; }

    /// <summary>Where the current token ends, delimiters included.</summary>
    public int End { get; private set; }

    /// <summary>
    /// Goes to the next token. A quoted value or text field that never ends reads as −1 in <see cref="End"/>.
    /// </summary>
    public CifTokenKind Next()
    {
        int i = SkipBlanksAndComments(End);
        Start = i;
        if (i >= _text.Length)
        {
            End = i;
            return CifTokenKind.End;
        }
        byte first = _text[i];
        End = ValueEnd(_text, i);
        return first switch
        {
            (byte)'_' => CifTokenKind.Tag,
            (byte)'d' or (byte)'D' when Has("data_") => CifTokenKind.DataHeading,
            (byte)'l' or (byte)'L' when End - i == 5 && Has("loop_") => CifTokenKind.Loop,
            (byte)'s' or (byte)'S' when Has("save_") => CifTokenKind.SaveHeading,
            (byte)'s' or (byte)'S' when End - i == 5 && Has("stop_") => CifTokenKind.Reserved,
            (byte)'g' or (byte)'G' when End - i == 7 && Has("global_") => CifTokenKind.Reserved,
            _ => CifTokenKind.Value,
        };
    }

    /// <summary>
    /// Where the value that starts at <paramref name="start"/> ends, delimiters included, or −1 if its closing delimiter
    /// is missing. A value is known by its start alone, so tables keep nothing else of it.
    /// </summary>
    public static int ValueEnd(ReadOnlySpan<byte> text, int start) =>
        text[start] switch
        {
            (byte)'\'' or (byte)'"' => QuotedEnd(text, start),
            (byte)';' when IsTextField(text, start) => TextFieldEnd(text, start),
            _ => BareEnd(text, start),
        };

    /// <summary>Whether a semicolon opens a text field, that is, stands first in its line.</summary>
    public static bool IsTextField(ReadOnlySpan<byte> text, int start) =>
        text[start] == ';' && (start == 0 || text[start - 1] is (byte)'\n' or (byte)'\r');

    private static int BareEnd(ReadOnlySpan<byte> text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] > ' ')
            end++;
        return end;
    }

    /// <summary>A quote closes only before white space: 'a dog's life' is one value.</summary>
    private static int QuotedEnd(ReadOnlySpan<byte> text, int start)
    {
        byte quote = text[start];
        for (int i = start + 1; i < text.Length && text[i] is not ((byte)'\n' or (byte)'\r'); i++)
        {
            if (text[i] == quote && (i + 1 == text.Length || text[i + 1] <= ' '))
                return i + 1;
        }
        return -1;
    }

    private static int TextFieldEnd(ReadOnlySpan<byte> text, int start)
    {
        int from = start + 1;
        while (from < text.Length)
        {
            int found = text[from..].IndexOf((byte)';');
            if (found < 0)
                return -1;
            int semicolon = from + found;
            if (text[semicolon - 1] is (byte)'\n' or (byte)'\r')
                return semicolon + 1;
            from = semicolon + 1;
        }
        return -1;
    }

    private readonly int SkipBlanksAndComments(int i)
    {
        while (i < _text.Length)
        {
            if (_text[i] <= ' ')
            {
                i++;
            }
            else if (_text[i] == '#')
            {
                int length = _text[i..].IndexOfAny((byte)'\n', (byte)'\r');
                i = length < 0 ? _text.Length : i + length;
            }
            else
            {
                break;
            }
        }
        return i;
    }

    private readonly bool Has(string word) =>
        End - Start >= word.Length && Ascii.EqualsIgnoreCase(_text.Slice(Start, word.Length), word);
}

/// <summary>The tokens of CIF 1.1.</summary>
internal enum CifTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary><c>data_name</c>.</summary>
    DataHeading,

    /// <summary><c>save_name</c>, or <c>save_</c> alone, which ends a frame.</summary>
    SaveHeading,

    /// <summary><c>loop_</c>.</summary>
    Loop,

    /// <summary><c>global_</c> or <c>stop_</c>, which CIF reserves and does not use.</summary>
    Reserved,

    /// <summary><c>_name</c>.</summary>
    Tag,

    /// <summary>A value: bare, quoted or a text field.</summary>
    Value,
}
