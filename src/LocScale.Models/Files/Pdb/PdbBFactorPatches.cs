using System.Globalization;
using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Pdb;

/// <summary>
/// The patches that give the first model of a PDB text new B-factors: columns 61–66 of its ATOM and HETATM lines, and
/// columns 29–70 of the ANISOU lines of atoms whose B changes.
/// </summary>
internal static class PdbBFactorPatches
{
    private const int Decimals = 2;

    /// <summary>Makes the patches; a line whose B-factor is already the new one is left alone.</summary>
    /// <exception cref="InputException">A B-factor is too large for its columns.</exception>
    public static List<TextPatch> Make(ReadOnlySpan<byte> text, ReadOnlySpan<double> bFactors)
    {
        List<TextPatch> patches = [];
        PdbFirstModel records = new(text);
        int atom = -1;
        bool changed = false;
        while (records.MoveNext())
        {
            if (records.Kind == PdbRecordKind.Atom)
            {
                atom++;
                changed = BFactorOf(records.Line) != bFactors[atom];
                if (changed)
                    patches.Add(PatchAtom(records.Line, records.Start, bFactors[atom]));
            }
            else if (records.Kind == PdbRecordKind.Anisou && changed)
            {
                patches.Add(PatchAnisou(records.Line, records.Start, bFactors[atom]));
            }
        }
        return patches;
    }

    private static double BFactorOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> field = PdbColumns.Trimmed(line, PdbColumns.BFactorStart, PdbColumns.BFactorEnd);
        return DecimalText.TryParse(field, out double value) ? value : 0;
    }

    private static TextPatch PatchAtom(ReadOnlySpan<byte> line, int start, double bFactor)
    {
        string column = DecimalText.FormatInColumn(bFactor, Decimals, PdbColumns.BFactorEnd - PdbColumns.BFactorStart)
            ?? throw TooLarge(bFactor);
        int kept = Math.Min(line.Length, PdbColumns.BFactorStart);
        int end = Math.Min(line.Length, PdbColumns.BFactorEnd);
        return new TextPatch(start + kept, end - kept, new string(' ', PdbColumns.BFactorStart - kept) + column);
    }

    private static TextPatch PatchAnisou(ReadOnlySpan<byte> line, int start, double bFactor)
    {
        AnisotropicDisplacement scaled = PdbColumns.TryReadAnisou(line, out AnisotropicDisplacement old)
            ? old.ScaledTo(bFactor)
            : AnisotropicDisplacement.Isotropic(bFactor);
        string fields = string.Concat(
            Column(scaled.U11), Column(scaled.U22), Column(scaled.U33),
            string.Concat(Column(scaled.U12), Column(scaled.U13), Column(scaled.U23)));
        int end = Math.Min(line.Length, PdbColumns.AnisouStart + fields.Length);
        return new TextPatch(start + PdbColumns.AnisouStart, end - PdbColumns.AnisouStart, fields);

        string Column(double value) =>
            DecimalText.FormatInColumn(value / PdbColumns.AnisouUnit, 0, PdbColumns.AnisouWidth) ?? throw TooLarge(bFactor);
    }

    private static InputException TooLarge(double bFactor) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"The B-factor {bFactor} does not fit the columns of a PDB file; give the model as mmCIF."));
}
