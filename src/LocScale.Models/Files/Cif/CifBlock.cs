using System.Text;

namespace LocScale.Models.Files.Cif;

/// <summary>A data block of a CIF document: its tables, found by the data names in them.</summary>
internal sealed class CifBlock
{
    private readonly Dictionary<string, CifTable> _tableOfTag;

    public CifBlock(string name, IEnumerable<CifTable> tables)
    {
        Name = name;
        _tableOfTag = new Dictionary<string, CifTable>(StringComparer.OrdinalIgnoreCase);
        foreach (CifTable table in tables)
        {
            foreach (string tag in table.Tags)
                _tableOfTag[tag] = table;
        }
    }

    /// <summary>The name after <c>data_</c>.</summary>
    public string Name { get; }

    /// <summary>The table that has a column of this data name (any case), or null.</summary>
    public CifTable? FindTable(string tag) => _tableOfTag.GetValueOrDefault(tag);
}

/// <summary>
/// A table of a CIF block: a loop, or the single values of one category taken as a table of one row. Of each value only
/// its place in the text is kept.
/// </summary>
internal sealed class CifTable
{
    private readonly byte[] _text;
    private readonly string[] _tags;
    private readonly int[] _tagStarts;
    private readonly int[] _valueStarts;

    public CifTable(byte[] text, string[] tags, int[] tagStarts, int[] valueStarts, bool isLoop)
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

    /// <summary>The bytes of a value without its delimiters.</summary>
    public ReadOnlySpan<byte> Value(int row, int column)
    {
        (int start, int length) = Locate(row, column);
        ReadOnlySpan<byte> raw = _text.AsSpan(start, length);
        if (raw[0] is (byte)'\'' or (byte)'"')
            return raw[1..^1];
        if (raw[0] != ';' || !CifLexer.IsTextField(_text, start))
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
    public (int Start, int Length) Locate(int row, int column)
    {
        int start = _valueStarts[row * _tags.Length + column];
        return (start, CifLexer.ValueEnd(_text, start) - start);
    }

    /// <summary>Where the data name of a column ends in the text.</summary>
    public int TagEnd(int column) => CifLexer.ValueEnd(_text, _tagStarts[column]);
}

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
