using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// Reads the first model of the first block with atoms of an mmCIF file. Names are the label names where both are there,
/// but chain, residue number and insertion code are the authors', as in a PDB file. All alternate locations are read.
/// </summary>
internal static class MmCifReader
{
    /// <summary>Reads an mmCIF text.</summary>
    /// <param name="text">The bytes of the file, unpacked.</param>
    /// <param name="sourceFile">The file's name, for messages.</param>
    /// <exception cref="InputException">
    /// The text is no CIF, a coordinate is missing or absurd, or there is no atom that scatters.
    /// </exception>
    public static AtomicModel Read(byte[] text, string sourceFile)
    {
        AtomSiteTable sites = AtomSiteTable.Find(CifParser.Parse(text, sourceFile), sourceFile);
        AtomListBuilder atoms = new(text, sourceFile);
        MmCifAtomRows rows = new(sites, atoms);
        for (int row = 0; row < sites.Table.RowCount; row++)
        {
            if (sites.IsOfFirstModel(row))
                rows.Read(row);
        }
        ReadAnisotropic(sites, atoms);
        int models = sites.CountModels();
        if (models > 1)
            atoms.Warn($"the first of {models} models is used.");
        if (sites.BlocksWithAtoms > 1)
            atoms.Warn($"the first of {sites.BlocksWithAtoms} data blocks with atoms, {sites.Block.Name}, is used.");
        return atoms.Build();
    }

    private static void ReadAnisotropic(AtomSiteTable sites, AtomListBuilder atoms)
    {
        if (AnisotropicTable.Find(sites) is not AnisotropicTable table)
            return;
        int unreadable = 0;
        int[] atomOfRow = table.MatchAtoms(sites);
        for (int row = 0; row < atomOfRow.Length; row++)
        {
            if (atomOfRow[row] < 0 || table.IsNull(row))
                continue;
            if (table.TryRead(row, out AnisotropicDisplacement displacement))
                atoms.SetAnisotropic(atomOfRow[row], displacement);
            else
                unreadable++;
        }
        if (unreadable > 0)
            atoms.Warn($"ignored {AtomListBuilder.Plural(unreadable, "anisotropic displacement")} of fewer than six numbers.");
    }
}

/// <summary>Turns rows of <c>_atom_site</c> into atoms and residues.</summary>
internal sealed class MmCifAtomRows
{
    private readonly AtomSiteTable _sites;
    private readonly AtomListBuilder _atoms;
    private readonly int[] _cartesian;
    private readonly int[] _residueKey;
    private readonly int _id;
    private readonly int _symbol;
    private readonly int _name;
    private readonly int _altLoc;
    private readonly int _residueName;
    private readonly int _chain;
    private readonly int _number;
    private readonly int _insertionCode;
    private readonly int _occupancy;
    private readonly int _bFactor;
    private int _previousRow = -1;

    public MmCifAtomRows(AtomSiteTable sites, AtomListBuilder atoms)
    {
        _sites = sites;
        _atoms = atoms;
        _cartesian = [sites.Required("Cartn_x"), sites.Required("Cartn_y"), sites.Required("Cartn_z")];
        _id = sites.FirstOf("id");
        _symbol = sites.FirstOf("type_symbol");
        _name = sites.FirstOf("label_atom_id", "auth_atom_id");
        _altLoc = sites.FirstOf("label_alt_id");
        _residueName = sites.FirstOf("label_comp_id", "auth_comp_id");
        _chain = sites.FirstOf("auth_asym_id", "label_asym_id");
        _number = sites.FirstOf("auth_seq_id", "label_seq_id");
        _insertionCode = sites.FirstOf("pdbx_PDB_ins_code");
        _occupancy = sites.FirstOf("occupancy");
        _bFactor = sites.BFactorColumn;
        _residueKey = [_residueName, _chain, _number, _insertionCode, sites.FirstOf("label_asym_id")];
    }

    /// <summary>Adds the atom of a row.</summary>
    public void Read(int row)
    {
        if (!IsSameResidue(row, _previousRow))
            _atoms.StartResidue(ReadResidue(row));
        _previousRow = row;
        ReadOnlySpan<byte> name = _sites.Value(row, _name);
        ReadOnlySpan<byte> symbol = _sites.Value(row, _symbol);
        Atom atom = new(
            new Position(ReadCoordinate(row, 0), ReadCoordinate(row, 1), ReadCoordinate(row, 2)),
            ReadElement(symbol, name, _sites.Value(row, _residueName)),
            Occupancy: 1,
            BIso: 0,
            _atoms.Names.Get(name),
            ResidueIndex: -1,
            DecimalText.TryParseInteger(_sites.Value(row, _id), out int serial) ? serial : _atoms.Count + 1,
            FirstLetter(_sites.Value(row, _altLoc)));
        _atoms.Add(
            atom,
            ReadOptional(row, _occupancy, "occupancy"),
            ReadOptional(row, _bFactor, "B-factor"),
            symbol.Length > 0 ? symbol : name,
            StartOf(row));
    }

    private double ReadCoordinate(int row, int axis)
    {
        if (CifNumber.TryParse(_sites.Value(row, _cartesian[axis]), out double value))
            return value;
        throw _atoms.Fault(StartOf(row), $"its {"xyz"[axis]} coordinate is not a number");
    }

    private double? ReadOptional(int row, int column, string what)
    {
        ReadOnlySpan<byte> text = _sites.Value(row, column);
        if (text.Length == 0)
            return null;
        if (CifNumber.TryParse(text, out double value))
            return value;
        throw _atoms.Fault(StartOf(row), $"its {what} is not a number");
    }

    private static Element ReadElement(ReadOnlySpan<byte> symbol, ReadOnlySpan<byte> name, ReadOnlySpan<byte> residueName)
    {
        if (symbol.Length == 0)
            return ElementInference.FromName(name, residueName);
        // Symbols may carry a charge, as in Fe3+.
        int letters = 0;
        while (letters < symbol.Length && char.IsAsciiLetter((char)symbol[letters]))
            letters++;
        return letters switch
        {
            1 => Element.FromLetters(symbol[0], 0),
            2 => Element.FromLetters(symbol[0], symbol[1]),
            _ => Element.Unknown,
        };
    }

    private int StartOf(int row) => _sites.Table.Locate(row, 0).Start;

    private Residue ReadResidue(int row) =>
        new(
            _atoms.Names.Get(_sites.Value(row, _residueName)),
            _atoms.Names.Get(_sites.Value(row, _chain)),
            DecimalText.TryParseInteger(_sites.Value(row, _number), out int number) ? number : null,
            FirstLetter(_sites.Value(row, _insertionCode)));

    private bool IsSameResidue(int row, int previousRow)
    {
        if (previousRow < 0)
            return false;
        foreach (int column in _residueKey)
        {
            if (!_sites.Value(row, column).SequenceEqual(_sites.Value(previousRow, column)))
                return false;
        }
        return true;
    }

    private static char FirstLetter(ReadOnlySpan<byte> text) => text.Length == 0 ? '\0' : (char)text[0];
}
