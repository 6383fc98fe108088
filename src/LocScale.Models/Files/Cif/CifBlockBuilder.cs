namespace LocScale.Models.Files.Cif;

/// <summary>
/// Collects the tables of a block while it is parsed, and joins single values of one category to tables.
/// </summary>
internal sealed class CifBlockBuilder(byte[] text, string name)
{
    private readonly List<CifTable> _tables = [];
    private readonly List<CifBlock> _frames = [];
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

    /// <summary>Adds a save frame.</summary>
    public void AddFrame(CifBlock frame) => _frames.Add(frame);

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
        return new CifBlock(name, _tables, _frames);
    }
}
