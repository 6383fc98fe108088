using System.Text;
using LocScale.Maps;

namespace LocScale.Models.Files;

/// <summary>Tells PDB from mmCIF by the content; names of files lie.</summary>
internal static class ModelFormatDetection
{
    private static readonly string[] PdbRecords =
    [
        "HEADER", "OBSLTE", "TITLE", "SPLIT", "CAVEAT", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "NUMMDL", "MDLTYP",
        "AUTHOR", "REVDAT", "SPRSDE", "JRNL", "REMARK", "DBREF", "SEQADV", "SEQRES", "MODRES", "HET", "FORMUL", "HELIX",
        "SHEET", "TURN", "SSBOND", "LINK", "CISPEP", "SITE", "CRYST1", "ORIGX", "SCALE", "MTRIX", "MODEL", "ATOM",
        "HETATM", "ANISOU", "TER", "CONECT", "MASTER", "END", "USER",
    ];

    /// <summary>The format of a text.</summary>
    /// <exception cref="InputException">It is neither.</exception>
    public static ModelFormat Detect(ReadOnlySpan<byte> text, string sourceFile)
    {
        if (text[..Math.Min(text.Length, 512)].Contains((byte)0))
            throw new InputException($"{sourceFile} is binary; a model must be a PDB or mmCIF file, plain or gzipped.");

        bool pdbSeen = false;
        TextLines lines = new(text);
        while (lines.MoveNext())
        {
            ReadOnlySpan<byte> line = lines.Current;
            if (StartsWith(line, "ATOM") || StartsWith(line, "HETATM"))
                return ModelFormat.Pdb;
            ReadOnlySpan<byte> trimmed = line.TrimStart((byte)' ').TrimStart((byte)'\t');
            if (StartsWith(trimmed, "data_") || StartsWith(trimmed, "loop_") || StartsWith(trimmed, "_atom_site"))
                return pdbSeen ? ModelFormat.Pdb : ModelFormat.MmCif;
            pdbSeen |= !pdbSeen && IsPdbRecord(line);
        }
        return pdbSeen
            ? ModelFormat.Pdb
            : throw new InputException($"{sourceFile} is neither a PDB nor an mmCIF file; give the model in one of these.");
    }

    private static bool IsPdbRecord(ReadOnlySpan<byte> line)
    {
        foreach (string record in PdbRecords)
        {
            if (StartsWith(line, record))
                return true;
        }
        return false;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, string word) =>
        line.Length >= word.Length && Ascii.EqualsIgnoreCase(line[..word.Length], word);
}
