using System.Text;

namespace LocScale.Models.Files.Pdb;

/// <summary>
/// Walks the records of the first model of a PDB file that has atoms; reader and writer both go by it, so that they
/// agree on which lines are the model's. A model ends at MODEL or ENDMDL, a file at END.
/// </summary>
internal ref struct PdbFirstModel
{
    private const int NameStart = 12;
    private const int InsertionCodeEnd = 27;

    private TextLines _lines;
    private ReadOnlySpan<byte> _lastAtom;
    private bool _lastAtomHasAnisou;
    private bool _inModel;
    private bool _ended;

    public PdbFirstModel(ReadOnlySpan<byte> text) => _lines = new TextLines(text);

    /// <summary>What the current record is.</summary>
    public PdbRecordKind Kind { get; private set; }

    /// <summary>Where the current line starts in the text.</summary>
    public readonly int Start => _lines.Start;

    /// <summary>The current line without its end.</summary>
    public readonly ReadOnlySpan<byte> Line => _lines.Current;

    /// <summary>How many models with atoms there have been.</summary>
    public int ModelCount { get; private set; }

    /// <summary>How many atoms stood behind END.</summary>
    public int AtomsAfterEnd { get; private set; }

    /// <summary>How many ANISOU records of the first model do not follow their atom.</summary>
    public int StrayAnisou { get; private set; }

    /// <summary>Goes to the next record of the first model.</summary>
    public bool MoveNext()
    {
        while (_lines.MoveNext())
        {
            if (Classify(_lines.Current) is PdbRecordKind kind)
            {
                Kind = kind;
                return true;
            }
        }
        return false;
    }

    private PdbRecordKind? Classify(ReadOnlySpan<byte> line)
    {
        if (line.Length < 3)
            return null;
        switch (line[0] & 0xDF)
        {
            case 'A' when Is(line, "ATOM"u8):
            case 'H' when Is(line, "HETATM"u8):
                return ClassifyAtom(line);
            case 'A' when Is(line, "ANISOU"u8):
                return ClassifyAnisou(line);
            case 'M' when Is(line, "MODEL"u8):
            case 'E' when Is(line, "ENDMDL"u8):
                _inModel = false;
                return null;
            case 'E' when Is(line, "END"u8):
                _ended = ModelCount > 0;
                return null;
            case 'T' when Is(line, "TER"u8):
                return _inModel && ModelCount == 1 ? PdbRecordKind.ChainEnd : null;
            default:
                return null;
        }
    }

    private PdbRecordKind? ClassifyAtom(ReadOnlySpan<byte> line)
    {
        if (_ended)
        {
            AtomsAfterEnd++;
            return null;
        }
        if (!_inModel)
        {
            _inModel = true;
            ModelCount++;
        }
        if (ModelCount > 1)
            return null;
        _lastAtom = line;
        _lastAtomHasAnisou = false;
        return PdbRecordKind.Atom;
    }

    private PdbRecordKind? ClassifyAnisou(ReadOnlySpan<byte> line)
    {
        if (_ended || ModelCount > 1)
            return null;
        bool belongs = _inModel && !_lastAtomHasAnisou && line.Length >= InsertionCodeEnd
            && _lastAtom.Length >= InsertionCodeEnd
            && line[NameStart..InsertionCodeEnd].SequenceEqual(_lastAtom[NameStart..InsertionCodeEnd]);
        if (!belongs)
        {
            StrayAnisou++;
            return null;
        }
        _lastAtomHasAnisou = true;
        return PdbRecordKind.Anisou;
    }

    /// <summary>Whether a line is this record; serial numbers of six digits may follow a name directly.</summary>
    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> record) =>
        line.Length >= record.Length
        && Ascii.EqualsIgnoreCase(line[..record.Length], record)
        && (line.Length == record.Length || !char.IsAsciiLetter((char)line[record.Length]));
}

/// <summary>The records of a PDB file that matter to its first model.</summary>
internal enum PdbRecordKind
{
    /// <summary>ATOM or HETATM.</summary>
    Atom,

    /// <summary>ANISOU of the atom before it.</summary>
    Anisou,

    /// <summary>TER: the residue before it ends.</summary>
    ChainEnd,
}
