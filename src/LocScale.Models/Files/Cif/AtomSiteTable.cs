using LocScale.Maps;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// The <c>_atom_site</c> table of an mmCIF file: which column is what, and which rows are the first model's. Reader and
/// writer both go by it.
/// </summary>
internal sealed class AtomSiteTable
{
    private const string Category = "_atom_site.";

    private readonly string _sourceFile;
    private readonly int _model;

    private AtomSiteTable(CifBlock block, CifTable table, int blocksWithAtoms, string sourceFile)
    {
        Block = block;
        Table = table;
        BlocksWithAtoms = blocksWithAtoms;
        _sourceFile = sourceFile;
        BFactorColumn = table.ColumnOf(Category + "B_iso_or_equiv");
        _model = table.ColumnOf(Category + "pdbx_PDB_model_num");
    }

    /// <summary>The block of the table.</summary>
    public CifBlock Block { get; }

    /// <summary>The table.</summary>
    public CifTable Table { get; }

    /// <summary>How many blocks of the file have atoms; the first is used.</summary>
    public int BlocksWithAtoms { get; }

    /// <summary>The column of B-factors, or −1.</summary>
    public int BFactorColumn { get; }

    /// <summary>Finds the table.</summary>
    /// <exception cref="InputException">No block has one with rows.</exception>
    public static AtomSiteTable Find(IReadOnlyList<CifBlock> blocks, string sourceFile)
    {
        AtomSiteTable? first = null;
        int count = 0;
        foreach (CifBlock block in blocks)
        {
            CifTable? table = block.FindTable(Category + "Cartn_x");
            if (table is not null && table.RowCount > 0 && ++count == 1)
                first = new AtomSiteTable(block, table, 1, sourceFile);
        }
        if (first is null)
            throw new InputException(
                $"{sourceFile} holds no atoms (no _atom_site table with Cartn_x); give a model with Cartesian coordinates.");
        return new AtomSiteTable(first.Block, first.Table, count, sourceFile);
    }

    /// <summary>A column that must be there.</summary>
    public int Required(string item)
    {
        int column = Table.ColumnOf(Category + item);
        return column >= 0
            ? column
            : throw new InputException($"{_sourceFile} has no column {Category}{item}; give a complete _atom_site table.");
    }

    /// <summary>The first of these columns that is there, or −1.</summary>
    public int FirstOf(params ReadOnlySpan<string> items)
    {
        foreach (string item in items)
        {
            int column = Table.ColumnOf(Category + item);
            if (column >= 0)
                return column;
        }
        return -1;
    }

    /// <summary>Whether a row belongs to the same model as the first row.</summary>
    public bool IsOfFirstModel(int row) =>
        _model < 0 || Table.Value(row, _model).SequenceEqual(Table.Value(0, _model));

    /// <summary>How many models the table names.</summary>
    public int CountModels()
    {
        if (_model < 0)
            return 1;
        HashSet<string> models = [];
        ReadOnlySpan<byte> previous = default;
        for (int row = 0; row < Table.RowCount; row++)
        {
            ReadOnlySpan<byte> model = Table.Value(row, _model);
            if (row == 0 || !model.SequenceEqual(previous))
                models.Add(Table.Text(row, _model));
            previous = model;
        }
        return models.Count;
    }

    /// <summary>The bytes of a value; empty where the column is absent (−1) or the value is null.</summary>
    public ReadOnlySpan<byte> Value(int row, int column) =>
        column < 0 || Table.IsNull(row, column) ? default : Table.Value(row, column);
}
