using System.Text;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// A table of a CIF block: a loop, or the single values of one category taken as a table of one row. Of each value only
/// its place in the text is kept.
/// </summary>
public sealed class CifTable
{
    private readonly byte[] _text;
    private readonly string[] _tags;
    private readonly int[] _tagStarts;
    private readonly int[] _valueStarts;

    internal CifTable(byte[] text, string[] tags, int[] tagStarts, int[] valueStarts, bool isLoop)
    {
        _text = text;
        _tags = tags;
        _tagStarts = tagStarts;
        _valueStarts = valueStarts;
        IsLoop = isLoop;
    }

    /// <summary>The data names of the columns, as written.</summary>
    public IReadOnlyList<string> Tags => _tags;

    /// <summary>How many rows there are.</summary>
    public int RowCount => _valueStarts.Length / _tags.Length;

    /// <summary>Whether the table is written as a loop, and not as pairs of name and value.</summary>
    public bool IsLoop { get; }

    /// <summary>The column of a data name in any case, or −1.</summary>
    public int ColumnOf(string tag) =>
        Array.FindIndex(_tags, candidate => candidate.Equals(tag, StringComparison.OrdinalIgnoreCase));

    /// <summary>The bytes of a value as written, delimiters included.</summary>
    public ReadOnlySpan<byte> Raw(int row, int column)
    {
        (int start, int length) = Locate(row, column);
        return _text.AsSpan(start, length);
    }

    /// <summary>The bytes of a value without its delimiters.</summary>
    public ReadOnlySpan<byte> Value(int row, int column)
    {
        ReadOnlySpan<byte> raw = Raw(row, column);
        if (raw[0] is (byte)'\'' or (byte)'"')
            return raw[1..^1];
        if (raw[0] != ';' || !CifLexer.IsTextField(_text, Locate(row, column).Start))
            return raw;
        ReadOnlySpan<byte> field = raw[1..^2];
        return field.Length > 0 && raw[^2] == '\n' && field[^1] == '\r' ? field[..^1] : field;
    }

    /// <summary>A value without its delimiters, read as Latin-1.</summary>
    public string Text(int row, int column) => Encoding.Latin1.GetString(Value(row, column));

    /// <summary>Whether a value is a bare <c>?</c> (unknown) or <c>.</c> (not applicable).</summary>
    public bool IsNull(int row, int column)
    {
        int start = _valueStarts[row * _tags.Length + column];
        return _text[start] is (byte)'?' or (byte)'.' && (start + 1 == _text.Length || _text[start + 1] <= ' ');
    }

    /// <summary>Where a value lies in the text, delimiters included.</summary>
    internal (int Start, int Length) Locate(int row, int column)
    {
        int start = _valueStarts[row * _tags.Length + column];
        return (start, CifLexer.ValueEnd(_text, start) - start);
    }

    /// <summary>Where the data name of a column ends in the text.</summary>
    internal int TagEnd(int column) => CifLexer.ValueEnd(_text, _tagStarts[column]);
}
