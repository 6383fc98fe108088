using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Cif;

/// <summary>
/// The patches that give the first model of an mmCIF text new B-factors: the values of <c>B_iso_or_equiv</c> and of the
/// displacement tensors of atoms whose B changes. A table without that column gets one, as its last.
/// </summary>
internal static class MmCifBFactorPatches
{
    private const int FewestBDecimals = 2;
    private const int FewestUDecimals = 4;
    private const int MostDecimals = 6;

    /// <summary>Makes the patches; a value that is already the new one is left alone.</summary>
    public static List<TextPatch> Make(byte[] text, string sourceFile, ReadOnlySpan<double> bFactors)
    {
        AtomSiteTable sites = AtomSiteTable.Find(CifParser.Parse(text, sourceFile), sourceFile);
        List<TextPatch> patches = [];
        bool[] changed = sites.BFactorColumn >= 0
            ? PatchColumn(sites, bFactors, patches)
            : AddColumn(sites, bFactors, patches);
        if (AnisotropicTable.Find(sites) is not AnisotropicTable table)
            return patches;
        int[] atomOfRow = table.MatchAtoms(sites);
        for (int row = 0; row < atomOfRow.Length; row++)
        {
            int atom = atomOfRow[row];
            if (atom >= 0 && changed[atom] && !table.IsNull(row) && table.TryRead(row, out AnisotropicDisplacement u))
                PatchTensor(table, row, u.ScaledTo(bFactors[atom]), patches);
        }
        return patches;
    }

    private static bool[] PatchColumn(AtomSiteTable sites, ReadOnlySpan<double> bFactors, List<TextPatch> patches)
    {
        bool[] changed = new bool[bFactors.Length];
        int atom = 0;
        for (int row = 0; row < sites.Table.RowCount; row++)
        {
            if (!sites.IsOfFirstModel(row))
                continue;
            double bFactor = bFactors[atom];
            ReadOnlySpan<byte> old = sites.Value(row, sites.BFactorColumn);
            double oldValue = CifNumber.TryParse(old, out double parsed) ? parsed : 0;
            if (oldValue != bFactor)
            {
                changed[atom] = true;
                patches.Add(Patch(sites.Table, row, sites.BFactorColumn, bFactor, FewestBDecimals));
            }
            atom++;
        }
        return changed;
    }

    private static bool[] AddColumn(AtomSiteTable sites, ReadOnlySpan<double> bFactors, List<TextPatch> patches)
    {
        const string Tag = "\n_atom_site.B_iso_or_equiv";
        CifTable table = sites.Table;
        bool[] changed = new bool[bFactors.Length];
        int last = table.Tags.Count - 1;
        if (table.IsLoop)
            patches.Add(new TextPatch(table.TagEnd(last), 0, Tag));
        int atom = 0;
        for (int row = 0; row < table.RowCount; row++)
        {
            (int start, int length) = table.Locate(row, last);
            string value = "?";
            if (sites.IsOfFirstModel(row))
            {
                changed[atom] = bFactors[atom] != 0;
                value = DecimalText.Format(bFactors[atom++], FewestBDecimals);
            }
            patches.Add(new TextPatch(start + length, 0, (table.IsLoop ? " " : Tag + " ") + value));
        }
        return changed;
    }

    private static void PatchTensor(AnisotropicTable table, int row, AnisotropicDisplacement u, List<TextPatch> patches)
    {
        double[] values = table.ToFileUnit(u);
        for (int i = 0; i < values.Length; i++)
            patches.Add(Patch(table.Table, row, table.Columns[i], values[i], FewestUDecimals));
    }

    /// <summary>Replaces a value, quotes and uncertainty and all, keeping its number of decimals.</summary>
    private static TextPatch Patch(CifTable table, int row, int column, double value, int fewestDecimals)
    {
        int decimals = DecimalText.DecimalsOf(CifNumber.WithoutUncertainty(table.Value(row, column)));
        (int start, int length) = table.Locate(row, column);
        return new TextPatch(start, length, DecimalText.Format(value, Math.Clamp(decimals, fewestDecimals, MostDecimals)));
    }
}
