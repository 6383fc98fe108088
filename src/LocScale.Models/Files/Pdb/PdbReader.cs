using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Files.Pdb;

/// <summary>
/// Reads the first model of a PDB file, format 3.3 and what programs make of it: lines of any length and end, serial and
/// residue numbers in hybrid-36, hexadecimal or wrapped, chain names of two letters, no element column. All alternate
/// locations are read; cell and charges are not, since atoms lie in Cartesian coordinates and scatter as neutral ones.
/// </summary>
internal static class PdbReader
{
    /// <summary>Reads a PDB text.</summary>
    /// <param name="text">The bytes of the file, unpacked.</param>
    /// <param name="sourceFile">The file's name, for messages.</param>
    /// <exception cref="InputException">A coordinate is missing or absurd, or no atom scatters.</exception>
    public static AtomicModel Read(byte[] text, string sourceFile)
    {
        AtomListBuilder atoms = new(text, sourceFile);
        ReadOnlySpan<byte> residueLine = default;
        PdbFirstModel records = new(text);
        while (records.MoveNext())
        {
            ReadOnlySpan<byte> line = records.Line;
            switch (records.Kind)
            {
                case PdbRecordKind.Atom:
                    if (line.Length < PdbColumns.ZStart)
                        throw atoms.Fault(records.Start, "the atom has no coordinates");
                    if (!IsSameResidue(line, residueLine))
                        atoms.StartResidue(ReadResidue(line, atoms.Names));
                    residueLine = line;
                    ReadAtom(line, atoms, records.Start);
                    break;
                case PdbRecordKind.Anisou:
                    atoms.SetAnisotropic(atoms.Count - 1, ReadAnisou(line, atoms, records.Start));
                    break;
                case PdbRecordKind.ChainEnd:
                    residueLine = default;
                    break;
            }
        }
        if (records.ModelCount > 1)
            atoms.Warn($"the first of {records.ModelCount} models is used.");
        if (records.AtomsAfterEnd > 0)
            atoms.Warn($"left out {AtomListBuilder.Plural(records.AtomsAfterEnd, "atom")} behind the END record.");
        if (records.StrayAnisou > 0)
            atoms.Warn($"ignored {AtomListBuilder.Plural(records.StrayAnisou, "ANISOU record")} away from the atom they name.");
        return atoms.Build();
    }

    private static void ReadAtom(ReadOnlySpan<byte> line, AtomListBuilder atoms, int start)
    {
        Position position = new(
            ReadCoordinate(line, 30, "x", atoms, start),
            ReadCoordinate(line, 38, "y", atoms, start),
            ReadCoordinate(line, PdbColumns.ZStart, "z", atoms, start));
        ReadOnlySpan<byte> name = PdbColumns.Trimmed(line, 12, 16);
        ReadOnlySpan<byte> symbol = PdbColumns.Raw(line, 76, 78);
        Element element = ReadElement(line, symbol);
        ReadOnlySpan<byte> writtenSymbol = symbol.Trim((byte)' ');
        Atom atom = new(
            position,
            element,
            Occupancy: 1,
            BIso: 0,
            atoms.Names.Get(name),
            ResidueIndex: -1,
            ReadSerial(line, atoms.Count + 1),
            line[16] == ' ' ? '\0' : (char)line[16]);
        atoms.Add(
            atom,
            ReadOptional(line, 54, 60, "occupancy", atoms, start),
            ReadOptional(line, PdbColumns.BFactorStart, PdbColumns.BFactorEnd, "B-factor", atoms, start),
            writtenSymbol.IndexOfAnyInRange((byte)'A', (byte)'Z') >= 0 ? writtenSymbol : name,
            start);
    }

    private static double ReadCoordinate(
        ReadOnlySpan<byte> line, int column, string axis, AtomListBuilder atoms, int start)
    {
        ReadOnlySpan<byte> field = PdbColumns.Trimmed(line, column, column + 8);
        if (DecimalText.TryParse(field, out double value))
            return value;
        throw atoms.Fault(start, field.Length == 0
            ? $"the atom has no {axis} coordinate"
            : $"its {axis} coordinate is not a number");
    }

    private static double? ReadOptional(
        ReadOnlySpan<byte> line, int column, int end, string what, AtomListBuilder atoms, int start)
    {
        ReadOnlySpan<byte> field = PdbColumns.Trimmed(line, column, end);
        if (PdbColumns.IsVoid(field))
            return null;
        if (DecimalText.TryParse(field, out double value))
            return value;
        throw atoms.Fault(start, $"its {what} is not a number");
    }

    private static AnisotropicDisplacement ReadAnisou(ReadOnlySpan<byte> line, AtomListBuilder atoms, int start)
    {
        return PdbColumns.TryReadAnisou(line, out AnisotropicDisplacement displacement)
            ? displacement
            : throw atoms.Fault(start, "its ANISOU record does not hold six numbers");
    }

    private static Element ReadElement(ReadOnlySpan<byte> line, ReadOnlySpan<byte> symbol)
    {
        ReadOnlySpan<byte> letters = symbol.TrimStart((byte)' ');
        ReadOnlySpan<byte> residueName = PdbColumns.Trimmed(line, 17, 20);
        if (letters.Length == 0 || !char.IsAsciiLetter((char)letters[0]) || residueName.SequenceEqual("DUM"u8))
            return ElementInference.FromPaddedName(PdbColumns.Raw(line, 12, 16), residueName);
        bool two = letters.Length > 1 && char.IsAsciiLetter((char)letters[1]);
        return Element.FromLetters(letters[0], two ? letters[1] : (byte)0);
    }

    /// <summary>
    /// The serial in columns 7–11, or 7–12 where it has six digits, or the atom's ordinal where it cannot be read.
    /// </summary>
    private static int ReadSerial(ReadOnlySpan<byte> line, int ordinal)
    {
        bool sixDigits = char.IsAsciiDigit((char)line[11]) && char.IsAsciiDigit((char)line[10]);
        ReadOnlySpan<byte> field = line[6..(sixDigits ? 12 : 11)];
        return Hybrid36.TryParse(field, 5, out int serial) ? serial : ordinal;
    }

    private static Residue ReadResidue(ReadOnlySpan<byte> line, NamePool names) =>
        new(
            names.Get(PdbColumns.Trimmed(line, 17, 20)),
            names.Get(PdbColumns.Trimmed(line, 20, 22)),
            Hybrid36.TryParse(line[22..26], 4, out int number) ? number : null,
            line[26] == ' ' ? '\0' : (char)line[26]);

    private static bool IsSameResidue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> previous) =>
        PdbColumns.Raw(line, 17, 27).SequenceEqual(PdbColumns.Raw(previous, 17, 27))
        && PdbColumns.Trimmed(line, 72, 76).SequenceEqual(PdbColumns.Trimmed(previous, 72, 76));
}
