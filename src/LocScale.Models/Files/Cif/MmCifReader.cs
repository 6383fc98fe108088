using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// Reads the first model of the first block with atoms of an mmCIF file. Names are the label names where both are
/// there,
/// but chain, residue number and insertion code are the authors', as in a PDB file. All alternate locations are read.
/// </summary>
public static class MmCifReader
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
        return atoms.Build(ReadCell(sites.Block));
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

    private static UnitCell? ReadCell(CifBlock block)
    {
        Span<double> numbers = stackalloc double[6];
        ReadOnlySpan<string> items = ["length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"];
        for (int i = 0; i < numbers.Length; i++)
        {
            CifTable? table = block.FindTable("_cell." + items[i]);
            if (table is not { RowCount: 1 }
                || !CifNumber.TryParse(table.Value(0, table.ColumnOf("_cell." + items[i])), out numbers[i]))
                return null;
        }
        return new UnitCell(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }
}
