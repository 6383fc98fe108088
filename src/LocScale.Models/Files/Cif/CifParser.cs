using System.Globalization;
using System.Text;
using LocScale.Maps;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// Parses CIF 1.1: quoted values, text fields, loops, comments, any number of data blocks. Single values of one category
/// become a table of one row, so that a category reads the same either way. Save frames, which belong to dictionaries,
/// must be valid and are passed over.
/// </summary>
internal sealed class CifParser
{
    private readonly byte[] _text;
    private readonly string _sourceFile;
    private readonly List<CifBlock> _blocks = [];

    private CifParser(byte[] text, string sourceFile)
    {
        _text = text;
        _sourceFile = sourceFile;
    }

    /// <summary>Parses a text. The blocks point into it, so it must not change afterwards.</summary>
    /// <param name="text">The bytes of the file, unpacked.</param>
    /// <param name="sourceFile">The file's name, for messages.</param>
    /// <exception cref="InputException">The text is no CIF 1.1; the message names the line.</exception>
    public static IReadOnlyList<CifBlock> Parse(byte[] text, string sourceFile)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new CifParser(text, sourceFile).ParseBlocks();
    }

    private List<CifBlock> ParseBlocks()
    {
        CifLexer lexer = new(_text);
        CifTokenKind kind = Next(ref lexer);
        while (kind != CifTokenKind.End)
        {
            if (kind != CifTokenKind.DataHeading)
                throw Fault(lexer.Start, "stands before the first data block");
            string name = HeadingName(lexer);
            kind = Next(ref lexer);
            CifBlockBuilder block = new(_text, name);
            ParseItems(ref lexer, ref kind, block, inFrame: false);
            _blocks.Add(block.Build());
        }
        return _blocks;
    }

    private void ParseItems(ref CifLexer lexer, ref CifTokenKind kind, CifBlockBuilder block, bool inFrame)
    {
        while (kind is not (CifTokenKind.End or CifTokenKind.DataHeading))
        {
            switch (kind)
            {
                case CifTokenKind.Tag:
                    ParsePair(ref lexer, ref kind, block);
                    break;
                case CifTokenKind.Loop:
                    ParseLoop(ref lexer, ref kind, block);
                    break;
                case CifTokenKind.SaveHeading when inFrame:
                    return;
                case CifTokenKind.SaveHeading:
                    ParseFrame(ref lexer, ref kind);
                    break;
                case CifTokenKind.Value:
                    throw Fault(lexer.Start, "is a value without a data name");
                default:
                    throw Fault(lexer.Start, "is a word that CIF reserves");
            }
        }
    }

    private void ParseFrame(ref CifLexer lexer, ref CifTokenKind kind)
    {
        int start = lexer.Start;
        string name = HeadingName(lexer);
        if (name.Length == 0)
            throw Fault(start, "ends a save frame that was never opened");
        kind = Next(ref lexer);
        ParseItems(ref lexer, ref kind, new CifBlockBuilder(_text, name), inFrame: true);
        if (kind != CifTokenKind.SaveHeading || HeadingName(lexer).Length > 0)
            throw Fault(start, "opens a save frame that is never closed");
        kind = Next(ref lexer);
    }

    private void ParsePair(ref CifLexer lexer, ref CifTokenKind kind, CifBlockBuilder block)
    {
        int tagStart = lexer.Start;
        string tag = ReadTag(lexer, block);
        kind = Next(ref lexer);
        if (kind != CifTokenKind.Value)
            throw Fault(tagStart, "is a data name without a value");
        block.AddPair(tag, tagStart, lexer.Start);
        kind = Next(ref lexer);
    }

    private void ParseLoop(ref CifLexer lexer, ref CifTokenKind kind, CifBlockBuilder block)
    {
        int loopStart = lexer.Start;
        List<string> tags = [];
        List<int> tagStarts = [];
        for (kind = Next(ref lexer); kind == CifTokenKind.Tag; kind = Next(ref lexer))
        {
            tags.Add(ReadTag(lexer, block));
            tagStarts.Add(lexer.Start);
        }
        if (tags.Count == 0)
            throw Fault(loopStart, "begins a loop without data names");
        List<int> values = [];
        for (; kind == CifTokenKind.Value; kind = Next(ref lexer))
            values.Add(lexer.Start);
        if (values.Count % tags.Count != 0)
        {
            throw Fault(loopStart, string.Create(CultureInfo.InvariantCulture,
                $"begins a loop of {tags.Count} columns with {values.Count} values, which fill no whole number of rows")
                + " (the file may be cut short)");
        }
        block.AddTable(new CifTable(_text, [.. tags], [.. tagStarts], [.. values], isLoop: true));
    }

    private string ReadTag(in CifLexer lexer, CifBlockBuilder block)
    {
        string tag = Encoding.Latin1.GetString(_text, lexer.Start, lexer.End - lexer.Start);
        if (!block.Declare(tag))
            throw Fault(lexer.Start, "is a data name that its block has already");
        return tag;
    }

    private CifTokenKind Next(ref CifLexer lexer)
    {
        CifTokenKind kind = lexer.Next();
        return lexer.End >= 0 ? kind : throw Fault(lexer.Start, "opens a quotation that is never closed");
    }

    private string HeadingName(in CifLexer lexer) =>
        Encoding.Latin1.GetString(_text, lexer.Start + 5, lexer.End - lexer.Start - 5);

    private InputException Fault(int position, string what)
    {
        int line = TextLines.NumberAt(_text, position);
        string word = TextLines.WordAt(_text, position);
        return new InputException(string.Create(
            CultureInfo.InvariantCulture,
            $"Line {line} of {_sourceFile} is not valid CIF: '{word}' {what}; correct the file."));
    }
}

/// <summary>
/// Collects the tables of a block or frame while it is parsed, and joins single values of one category to tables.
/// </summary>
internal sealed class CifBlockBuilder(byte[] text, string name)
{
    private readonly List<CifTable> _tables = [];
    private readonly HashSet<string> _tags = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<(string Tag, int TagStart, int ValueStart)>> _pairsOfCategory =
        new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Notes a data name; false if the block has it already, which CIF forbids.</summary>
    public bool Declare(string tag) => _tags.Add(tag);

    /// <summary>Adds a data name with its single value.</summary>
    public void AddPair(string tag, int tagStart, int valueStart)
    {
        int point = tag.IndexOf('.', StringComparison.Ordinal);
        string category = point < 0 ? "" : tag[..point];
        if (!_pairsOfCategory.TryGetValue(category, out var pairs))
            _pairsOfCategory[category] = pairs = [];
        pairs.Add((tag, tagStart, valueStart));
    }

    /// <summary>Adds a loop.</summary>
    public void AddTable(CifTable table) => _tables.Add(table);

    /// <summary>The block.</summary>
    public CifBlock Build()
    {
        foreach (var pairs in _pairsOfCategory.Values)
        {
            _tables.Add(new CifTable(
                text,
                [.. pairs.Select(pair => pair.Tag)],
                [.. pairs.Select(pair => pair.TagStart)],
                [.. pairs.Select(pair => pair.ValueStart)],
                isLoop: false));
        }
        return new CifBlock(name, _tables);
    }
}

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
