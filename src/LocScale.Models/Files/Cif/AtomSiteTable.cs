using LocScale.Maps;
using LocScale.Models.Atoms;

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
        List<(CifBlock Block, CifTable Table)> found = [];
        foreach (CifBlock block in blocks)
        {
            if (block.FindTable(Category + "Cartn_x") is { RowCount: > 0 } table)
                found.Add((block, table));
        }
        return found.Count > 0
            ? new AtomSiteTable(found[0].Block, found[0].Table, found.Count, sourceFile)
            : throw new InputException(
                $"{sourceFile} holds no atoms (no _atom_site table with Cartn_x); give a model with Cartesian coordinates.");
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

/// <summary>
/// Where an mmCIF file keeps displacement tensors: a table <c>_atom_site_anisotrop</c> that names its atoms by id, or
/// columns <c>_atom_site.aniso_…</c>; as U, or as B = 8π² U.
/// </summary>
internal sealed class AnisotropicTable
{
    private static readonly string[] Components = ["[1][1]", "[2][2]", "[3][3]", "[1][2]", "[1][3]", "[2][3]"];

    private readonly int[] _columns;
    private readonly double _unit;

    private AnisotropicTable(CifTable table, int[] columns, double unit, int idColumn)
    {
        Table = table;
        _columns = columns;
        _unit = unit;
        IdColumn = idColumn;
    }

    /// <summary>The table.</summary>
    public CifTable Table { get; }

    /// <summary>The column with the ids of atoms, or −1 where the rows are those of <c>_atom_site</c> itself.</summary>
    public int IdColumn { get; }

    /// <summary>The six columns: 11, 22, 33, 12, 13, 23.</summary>
    public ReadOnlySpan<int> Columns => _columns;

    /// <summary>Finds the tensors of a block, or null.</summary>
    public static AnisotropicTable? Find(AtomSiteTable atoms) =>
        FindIn(atoms.Block, "_atom_site_anisotrop.", "_atom_site_anisotrop.id")
        ?? FindIn(atoms.Block, "_atom_site.aniso_", null);

    /// <summary>
    /// Row by row, which atom a tensor belongs to, or −1 for none of the first model. The atoms are counted within the
    /// first model.
    /// </summary>
    public int[] MatchAtoms(AtomSiteTable atoms)
    {
        int[] atomOfRow = new int[Table.RowCount];
        int atom = 0;
        if (IdColumn < 0)
        {
            for (int row = 0; row < atomOfRow.Length; row++)
                atomOfRow[row] = atoms.IsOfFirstModel(row) ? atom++ : -1;
            return atomOfRow;
        }
        int idOfAtom = atoms.Required("id");
        Dictionary<string, int> atomOfId = new(atoms.Table.RowCount);
        for (int row = 0; row < atoms.Table.RowCount; row++)
            atomOfId.TryAdd(atoms.Table.Text(row, idOfAtom), atoms.IsOfFirstModel(row) ? atom++ : -1);
        bool[] taken = new bool[atom];
        for (int row = 0; row < atomOfRow.Length; row++)
        {
            int match = atomOfId.GetValueOrDefault(Table.Text(row, IdColumn), -1);
            bool free = match >= 0 && !taken[match];
            atomOfRow[row] = free ? match : -1;
            if (free)
                taken[match] = true;
        }
        return atomOfRow;
    }

    /// <summary>Whether a row says no tensor: any of its six is null.</summary>
    public bool IsNull(int row)
    {
        foreach (int column in _columns)
        {
            if (Table.IsNull(row, column))
                return true;
        }
        return false;
    }

    /// <summary>Reads the tensor of a row, in Å²; false if a value is not a number.</summary>
    public bool TryRead(int row, out AnisotropicDisplacement displacement)
    {
        Span<double> u = stackalloc double[6];
        for (int i = 0; i < u.Length; i++)
        {
            if (!CifNumber.TryParse(Table.Value(row, _columns[i]), out double value) || Math.Abs(value) > 1e6)
            {
                displacement = default;
                return false;
            }
            u[i] = value / _unit;
        }
        displacement = new AnisotropicDisplacement(u[0], u[1], u[2], u[3], u[4], u[5]);
        return true;
    }

    /// <summary>The six numbers that say a tensor in the unit of this table.</summary>
    public double[] ToFileUnit(AnisotropicDisplacement u) =>
    [
        u.U11 * _unit, u.U22 * _unit, u.U33 * _unit, u.U12 * _unit, u.U13 * _unit, u.U23 * _unit,
    ];

    private static AnisotropicTable? FindIn(CifBlock block, string prefix, string? idTag)
    {
        foreach (char kind in "UB")
        {
            CifTable? table = block.FindTable(prefix + kind + Components[0]);
            if (table is null)
                continue;
            int[] columns = Array.ConvertAll(Components, component => table.ColumnOf(prefix + kind + component));
            int idColumn = idTag is null ? -1 : table.ColumnOf(idTag);
            if (columns.Contains(-1) || (idTag is not null && idColumn < 0))
                continue;
            return new AnisotropicTable(table, columns, kind == 'U' ? 1 : 8 * Math.PI * Math.PI, idColumn);
        }
        return null;
    }
}
