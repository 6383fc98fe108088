using System.Text;
using ICSharpCode.SharpZipLib.GZip;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;
using LocScale.Models.Files.Pdb;

namespace LocScale.Models.Files;

/// <summary>
/// Reads an atomic model from a file, PDB or mmCIF, plain or gzipped; the content decides, not the name.
/// </summary>
public static class ModelReader
{
    /// <summary>Reads the first model of a file.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read, is neither PDB nor mmCIF, is damaged, or holds no atom that scatters.
    /// </exception>
    public static AtomicModel Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelText text = ModelText.Load(path);
        AtomicModel model = text.Format == ModelFormat.Pdb
            ? PdbReader.Read(text.Bytes, path)
            : MmCifReader.Read(text.Bytes, path);
        return model with { Text = text };
    }
}

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

    private const int FirstBlock = 1 << 16;

    /// <summary>Reads a file, unpacks it if its content says gzip, and tells the format by the content.</summary>
    /// <exception cref="InputException">The file cannot be read, is damaged, or is no model.</exception>
    public static ModelText Load(string path)
    {
        byte[] bytes = ReadFile(path);
        if (IsGzip(bytes))
            bytes = Unpack(bytes, path);
        if (bytes.Length == 0)
            throw new InputException($"{path} is empty; give a PDB or mmCIF file.");
        return new ModelText(bytes, ModelFormatDetection.Detect(bytes, path), path);
    }

    private static byte[] ReadFile(string path)
    {
        using Stream file = InputFile.OpenOnce(path, "model file", "a PDB or mmCIF file");
        try
        {
            return ReadToEnd(file, LargestText, path)
                ?? throw new InputException($"{path} is larger than 2 GB; split the model into smaller files.");
        }
        catch (IOException e)
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
            return ReadToEnd(stream, limit, path)
                ?? throw new InputException(
                    $"{path} unpacks to more than {limit / 1_000_000} MB, which no model of its size does; check the file.");
        }
        // Damaged data make the unpacker fail in ways of its own, wild array indices among them.
        catch (Exception e) when (e is not (InputException or OutOfMemoryException))
        {
            throw new InputException($"The gzip archive {path} is damaged or cut short; fetch it again.", e);
        }
    }

    /// <summary>All that a stream holds, or null if that is more than <paramref name="limit"/> bytes.</summary>
    /// <exception cref="InputException">It begins with what is no text, which may have no end.</exception>
    private static byte[]? ReadToEnd(Stream stream, long limit, string path)
    {
        byte[] buffer = new byte[stream.CanSeek ? Math.Clamp(stream.Length + 1, FirstBlock, limit + 1) : FirstBlock];
        int filled = stream.ReadAtLeast(buffer.AsSpan(0, FirstBlock), FirstBlock, throwOnEndOfStream: false);
        if (!(filled > 1 && IsGzip(buffer)) && ModelFormatDetection.IsBinary(buffer.AsSpan(0, filled)))
            throw new InputException($"{path} is binary; a model must be a PDB or mmCIF file, plain or gzipped.");
        while (true)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, limit + 1));
            int count = stream.Read(buffer, filled, buffer.Length - filled);
            if (count == 0)
                break;
            filled += count;
            if (filled > limit)
                return null;
        }
        Array.Resize(ref buffer, filled);
        return buffer;
    }

    private static bool IsGzip(byte[] bytes) => bytes is [0x1F, 0x8B, ..];
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

    /// <summary>
    /// Whether the beginning of a file is no text: a zero early on, or more control characters than a slip explains.
    /// </summary>
    public static bool IsBinary(ReadOnlySpan<byte> beginning)
    {
        const int early = 512, slips = 16, share = 100;
        if (beginning[..Math.Min(beginning.Length, early)].Contains((byte)0))
            return true;
        int controls = 0;
        foreach (byte letter in beginning)
            controls += letter < ' ' && letter is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f') ? 1 : 0;
        return controls > slips + (beginning.Length / share);
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

/// <summary>
/// Walks the lines of a text that end in LF, CR LF or CR alone, mixed as they may be; a byte order mark is passed over.
/// </summary>
internal ref struct TextLines
{
    private readonly ReadOnlySpan<byte> _text;
    private int _next;

    public TextLines(ReadOnlySpan<byte> text)
    {
        _text = text;
        _next = text.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Where the current line starts, in bytes from the start of the text.</summary>
    public int Start { get; private set; }

    /// <summary>The length of the current line without its end.</summary>
    public int Length { get; private set; }

    /// <summary>The number of the current line, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The current line without its end.</summary>
    public readonly ReadOnlySpan<byte> Current => _text.Slice(Start, Length);

    /// <summary>The number, from 1, of the line that a byte of a text lies in.</summary>
    public static int NumberAt(ReadOnlySpan<byte> text, int position)
    {
        TextLines lines = new(text);
        while (lines.MoveNext() && lines.Start + lines.Length < position)
        {
        }
        return Math.Max(1, lines.Number);
    }

    /// <summary>
    /// The word that begins at a byte of a text as a message may quote it: not overlong, and with a question mark for
    /// what cannot be printed.
    /// </summary>
    public static string WordAt(ReadOnlySpan<byte> text, int position)
    {
        const int longest = 20;
        text = text[position..];
        int end = text.IndexOfAnyInRange((byte)0, (byte)' ');
        ReadOnlySpan<byte> word = text[..Math.Min(end < 0 ? text.Length : end, longest)];
        StringBuilder printable = new(word.Length);
        foreach (byte letter in word)
            printable.Append(char.IsControl((char)letter) ? '?' : (char)letter);
        return printable.ToString();
    }

    /// <summary>Goes to the next line, if there is one.</summary>
    public bool MoveNext()
    {
        if (_next >= _text.Length)
            return false;
        ReadOnlySpan<byte> rest = _text[_next..];
        int length = rest.IndexOfAny((byte)'\n', (byte)'\r');
        Start = _next;
        Number++;
        if (length < 0)
        {
            Length = rest.Length;
            _next = _text.Length;
            return true;
        }
        Length = length;
        bool pair = rest[length] == '\r' && length + 1 < rest.Length && rest[length + 1] == '\n';
        _next += length + (pair ? 2 : 1);
        return true;
    }
}
