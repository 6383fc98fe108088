using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using LocScale.Mpi.Distribution;

namespace LocScale.Mpi.Checkpoints;

/// <summary>
/// What the result of a stage depends on, to the last bit, as one number: the values that go in, the options, the build of
/// the program, and the instruction sets and libraries that it rounds with.
/// </summary>
internal sealed class Fingerprint
{
    private readonly XxHash128 _hash = new();

    /// <summary>A fingerprint of a stage that depends on nothing yet but on how this process computes.</summary>
    public Fingerprint(RankIdentity process)
    {
        Add(process.Build);
        Add(process.InstructionSets);
        Add(process.Fftw);
        Add(process.Runtime);
        Add(process.CLibrary);
    }

    /// <summary>The fingerprint of all that was added, in hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Adds values; their number counts too.</summary>
    public Fingerprint Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        _hash.Append(BitConverter.GetBytes(values.Length));
        // The bytes of a large map are more than a span can hold.
        const int most = 1 << 24;
        for (; values.Length > most; values = values[most..])
            _hash.Append(MemoryMarshal.AsBytes(values[..most]));
        _hash.Append(MemoryMarshal.AsBytes(values));
        return this;
    }

    /// <summary>Adds a text.</summary>
    public Fingerprint Add(string text) => Add<byte>(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds options, each as it is written in the invariant culture, to the last digit.</summary>
    public Fingerprint AddOptions(params object?[] options) =>
        Add(string.Join('\n', options.Select(option => Convert.ToString(option, CultureInfo.InvariantCulture))));
}
