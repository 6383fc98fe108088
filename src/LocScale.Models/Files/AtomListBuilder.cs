using System.Globalization;
using System.Text;
using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Files;

/// <summary>
/// Collects the atoms of one model while a file is read: checks what both formats must check, and counts what the user
/// should be told once and not a million times.
/// </summary>
internal sealed class AtomListBuilder(byte[] text, string sourceFile)
{
    private const double LargestCoordinate = 1e6;
    private const double LargestBFactor = 1e6;
    private const double LargestOccupancy = 100;
    // What alternatives add up to, as rounded in a file.
    private const double FullOccupancy = 1.05;
    private const int NamesInWarning = 5;

    private readonly List<Atom> _atoms = [];
    private readonly List<Residue> _residues = [];
    private readonly List<AnisotropicDisplacement> _anisotropic = [];
    private readonly Dictionary<string, int> _withoutFormFactor = [];
    private readonly List<string> _warnings = [];
    private int _missingOccupancies;
    private int _missingBFactors;
    private int _largeOccupancies, _zeroOccupancies;

    /// <summary>The names of this file.</summary>
    public NamePool Names { get; } = new();

    /// <summary>How many atoms there are so far.</summary>
    public int Count => _atoms.Count;

    /// <summary>Starts a residue; the atoms that follow belong to it.</summary>
    public void StartResidue(Residue residue) => _residues.Add(residue);

    /// <summary>
    /// Adds an atom to the current residue. Occupancy and B may be null, for 1 and 0.
    /// </summary>
    /// <param name="atom">The atom; its occupancy, B and residue are filled in here.</param>
    /// <param name="occupancy">The occupancy as the file gives it.</param>
    /// <param name="bFactor">The B-factor as the file gives it, in Å².</param>
    /// <param name="elementAsWritten">The element or name to quote if the element does not scatter.</param>
    /// <param name="start">Where the atom stands in the text, for messages.</param>
    /// <exception cref="InputException">A number is absurd.</exception>
    public void Add(in Atom atom, double? occupancy, double? bFactor, ReadOnlySpan<byte> elementAsWritten, int start)
    {
        RequireCoordinate(atom.Position.X, start);
        RequireCoordinate(atom.Position.Y, start);
        RequireCoordinate(atom.Position.Z, start);
        if (occupancy is < 0 or > LargestOccupancy)
            throw Fault(start, string.Create(CultureInfo.InvariantCulture, $"the occupancy {occupancy} is impossible"));
        if (bFactor is < -LargestBFactor or > LargestBFactor)
            throw Fault(start, string.Create(CultureInfo.InvariantCulture, $"the B-factor {bFactor} is impossible"));

        _missingOccupancies += occupancy is null ? 1 : 0;
        _missingBFactors += bFactor is null ? 1 : 0;
        _largeOccupancies += occupancy > 1 ? 1 : 0;
        _zeroOccupancies += occupancy == 0 && !atom.Element.IsHydrogen ? 1 : 0;
        if (!ElectronFormFactors.Contains(atom.Element))
            CountWithoutFormFactor(elementAsWritten);
        _atoms.Add(atom with { Occupancy = occupancy ?? 1, BIso = bFactor ?? 0, ResidueIndex = _residues.Count - 1 });
    }

    /// <summary>Gives an atom its displacement tensor.</summary>
    public void SetAnisotropic(int atomIndex, AnisotropicDisplacement displacement)
    {
        _atoms[atomIndex] = _atoms[atomIndex] with { AnisotropicIndex = _anisotropic.Count };
        _anisotropic.Add(displacement);
    }

    /// <summary>Adds a sentence to the warnings, with the file's name before it.</summary>
    public void Warn(string sentence) => _warnings.Add($"{sourceFile}: {sentence}");

    /// <summary>An error in the line of the file at this place, as one sentence.</summary>
    public InputException Fault(int start, string what)
    {
        string line = TextLines.NumberAt(text, start).ToString(CultureInfo.InvariantCulture);
        return new InputException($"Line {line} of {sourceFile} cannot be used: {what}; correct the file.");
    }

    /// <summary>The model.</summary>
    /// <exception cref="InputException">It has no atom, or none that scatters.</exception>
    public AtomicModel Build()
    {
        if (_atoms.Count == 0)
            throw new InputException($"{sourceFile} holds no atoms; give a file with atom coordinates.");
        int withoutFormFactor = _withoutFormFactor.Values.Sum();
        if (withoutFormFactor == _atoms.Count)
        {
            throw new InputException(
                $"No atom of {sourceFile} has a known element ({ListOfUnknown()}); give a model of real atoms.");
        }
        if (withoutFormFactor > 0)
        {
            string atoms = $"{Plural(withoutFormFactor, "atom")} ({ListOfUnknown()})";
            Warn($"unknown element or no form factor for {atoms}, left out of the scattering.");
        }
        if (_missingOccupancies > 0)
            Warn($"no occupancy for {Plural(_missingOccupancies, "atom")}, taken as 1.");
        if (_zeroOccupancies > 0)
            Warn($"an occupancy of 0 for {Plural(_zeroOccupancies, "atom")}, left out of the scattering, so that density there fades: give 1 if the map shows them.");
        if (_missingBFactors > 0)
            Warn($"no B-factor for {Plural(_missingBFactors, "atom")}, taken as 0.");
        if (_largeOccupancies > 0)
            Warn($"an occupancy above 1 for {Plural(_largeOccupancies, "atom")}, used as written.");
        int doubled = CountDoubled();
        if (doubled > 0)
            Warn($"{Plural(doubled, "atom")} at the very place of others, with occupancies that add up to more than 1: there the reference is too strong; take the copies out.");
        return new AtomicModel
        {
            Atoms = [.. _atoms],
            Residues = [.. _residues],
            Anisotropic = [.. _anisotropic],
            SourceFile = sourceFile,
            Warnings = _warnings,
        };
    }

    /// <summary>How many atoms are one too many at their place, as in files that were put together; alternatives share 1.</summary>
    private int CountDoubled()
    {
        int[] order = [.. Enumerable.Range(0, _atoms.Count).Where(i => ElectronFormFactors.Contains(_atoms[i].Element))];
        long[] places = [.. order.Select(i => PlaceKey(_atoms[i].Position))];
        Array.Sort(places, order);
        int doubled = 0;
        for (int first = 0, next; first < places.Length; first = next)
        {
            double occupancy = 0;
            for (next = first; next < places.Length && places[next] == places[first]; next++)
                occupancy += _atoms[order[next]].Occupancy;
            if (next > first + 1 && occupancy > FullOccupancy)
                doubled += next - first - 1;
        }
        return doubled;

        // In units of the files' last digit, 21 bits each: what lies 2,097 Å apart is not in one box.
        static long PlaceKey(Position position) => (Bits(position.X) << 42) | (Bits(position.Y) << 21) | Bits(position.Z);

        static long Bits(double coordinate) => (long)Math.Round(coordinate * 1000) & ((1L << 21) - 1);
    }

    /// <summary>Such as <c>1 atom</c>, <c>3 atoms</c>.</summary>
    public static string Plural(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private void RequireCoordinate(double coordinate, int start)
    {
        if (!(Math.Abs(coordinate) <= LargestCoordinate))
            throw Fault(start, string.Create(CultureInfo.InvariantCulture, $"the coordinate {coordinate} is beyond any model"));
    }

    private void CountWithoutFormFactor(ReadOnlySpan<byte> elementAsWritten)
    {
        string name = elementAsWritten.Length == 0 ? "no name" : TextLines.WordAt(elementAsWritten, 0);
        _withoutFormFactor[name] = _withoutFormFactor.GetValueOrDefault(name) + 1;
    }

    private string ListOfUnknown()
    {
        StringBuilder list = new();
        foreach ((string name, int count) in _withoutFormFactor.OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(NamesInWarning))
            list.Append(CultureInfo.InvariantCulture, $"{(list.Length == 0 ? "" : ", ")}{name} × {count}");
        if (_withoutFormFactor.Count > NamesInWarning)
            list.Append(", …");
        return list.ToString();
    }
}

/// <summary>Gives equal names the same string, so that a million atoms share a few hundred.</summary>
internal sealed class NamePool
{
    private readonly Dictionary<ulong, string> _short = [];
    private readonly HashSet<string> _long = [];

    /// <summary>The string of these bytes; what is not ASCII reads as Latin-1.</summary>
    public string Get(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return "";
        if (name.Length > 7)
        {
            string text = Encoding.Latin1.GetString(name);
            if (_long.TryGetValue(text, out string? pooled))
                return pooled;
            _long.Add(text);
            return text;
        }
        ulong key = (ulong)name.Length;
        foreach (byte letter in name)
            key = key << 8 | letter;
        if (!_short.TryGetValue(key, out string? known))
            _short[key] = known = Encoding.Latin1.GetString(name);
        return known;
    }
}
