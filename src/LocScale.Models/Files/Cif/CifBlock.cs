namespace LocScale.Models.Files.Cif;

/// <summary>A data block or save frame of a CIF document: its tables, found by the data names in them.</summary>
public sealed class CifBlock
{
    private readonly Dictionary<string, CifTable> _tableOfTag;

    internal CifBlock(string name, IReadOnlyList<CifTable> tables, IReadOnlyList<CifBlock> frames)
    {
        Name = name;
        Tables = tables;
        Frames = frames;
        _tableOfTag = new Dictionary<string, CifTable>(StringComparer.OrdinalIgnoreCase);
        foreach (CifTable table in tables)
        {
            foreach (string tag in table.Tags)
                _tableOfTag[tag] = table;
        }
    }

    /// <summary>The name after <c>data_</c> or <c>save_</c>.</summary>
    public string Name { get; }

    /// <summary>The loops, and the categories of single values, of the block.</summary>
    public IReadOnlyList<CifTable> Tables { get; }

    /// <summary>The save frames within the block.</summary>
    public IReadOnlyList<CifBlock> Frames { get; }

    /// <summary>The table that has a column of this data name (any case), or null.</summary>
    public CifTable? FindTable(string tag) => _tableOfTag.GetValueOrDefault(tag);

    /// <summary>The single value of a data name, or null where it is absent, null, or one of several.</summary>
    public string? FindValue(string tag)
    {
        CifTable? table = FindTable(tag);
        if (table is not { RowCount: 1 })
            return null;
        int column = table.ColumnOf(tag);
        return table.IsNull(0, column) ? null : table.Text(0, column);
    }
}
