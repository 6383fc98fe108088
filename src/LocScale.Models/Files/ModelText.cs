using System.Text;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;
using LocScale.Maps;

namespace LocScale.Models.Files;

/// <summary>
/// The text of a model file as it lies on disk, unpacked if it was gzipped, and which format it is in.
/// </summary>
internal sealed record ModelText(byte[] Bytes, ModelFormat Format, string SourceFile)
{
    // Arrays end a little above this; ten million atoms take 0.8 GB as PDB.
    private const long LargestText = 2_000_000_000;

    // No model compresses this well; a crafted archive does, and would fill the memory.
    private const long LargestPackingRatio = 200;
    private const long UnpackedWithoutQuestion = 64 << 20;

    /// <summary>Reads a file, unpacks it if its content says gzip, and tells the format by the content.</summary>
    /// <exception cref="InputException">The file cannot be read, is damaged, or is no model.</exception>
    public static ModelText Load(string path)
    {
        byte[] bytes = ReadFile(path);
        if (bytes is [0x1F, 0x8B, ..])
            bytes = Unpack(bytes, path);
        if (bytes.Length == 0)
            throw new InputException($"{path} is empty; give a PDB or mmCIF file.");
        return new ModelText(bytes, ModelFormatDetection.Detect(bytes, path), path);
    }

    private static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
            throw new InputException($"{path} is a folder; give a PDB or mmCIF file.");
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            return ReadToEnd(file, LargestText)
                ?? throw new InputException($"{path} is larger than 2 GB; split the model into smaller files.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"The model file {path} does not exist; check the name.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"The model file {path} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static byte[] Unpack(byte[] packed, string path)
    {
        long limit = Math.Min(LargestText, Math.Max(UnpackedWithoutQuestion, packed.Length * LargestPackingRatio));
        try
        {
            using MemoryStream source = new(packed, writable: false);
            // The stream of the runtime takes an archive that is cut short for a complete one.
            using GZipInputStream stream = new(source);
            return ReadToEnd(stream, limit)
                ?? throw new InputException(
                    $"{path} unpacks to more than {limit / 1_000_000} MB, which no model of its size does; check the file.");
        }
        catch (Exception e) when (e is SharpZipBaseException or EndOfStreamException)
        {
            throw new InputException($"The gzip archive {path} is damaged or cut short; fetch it again.", e);
        }
    }

    /// <summary>All that a stream holds, or null if that is more than <paramref name="limit"/> bytes.</summary>
    private static byte[]? ReadToEnd(Stream stream, long limit)
    {
        byte[] buffer = new byte[stream.CanSeek ? Math.Clamp(stream.Length + 1, 1 << 12, limit + 1) : 1 << 16];
        int filled = 0;
        while (true)
        {
            int count = stream.Read(buffer, filled, buffer.Length - filled);
            if (count == 0)
                break;
            filled += count;
            if (filled > limit)
                return null;
            if (filled == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, limit + 1));
        }
        Array.Resize(ref buffer, filled);
        return buffer;
    }
}

/// <summary>How a model file is written.</summary>
internal enum ModelFormat
{
    /// <summary>The column format of the Protein Data Bank, version 3.3 and its ancestors.</summary>
    Pdb,

    /// <summary>CIF 1.1 with the PDBx/mmCIF dictionary.</summary>
    MmCif,
}

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
