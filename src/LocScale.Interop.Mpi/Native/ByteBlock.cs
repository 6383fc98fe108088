namespace MPI.Native;

/// <summary>
/// A count and a datatype that describe so many bytes. MPI 3 counts in ints, so a longer block becomes one element
/// of a derived type made of pieces of 2³⁰ bytes. The type signature is plain bytes either way, so that a long send
/// matches a receive into a buffer of another length.
/// </summary>
internal readonly unsafe ref struct ByteBlock
{
    private const int PieceLength = 1 << 30;
    private readonly MpiLibrary _library;

    /// <summary>Describes <paramref name="byteCount"/> bytes, as a derived type beyond <paramref name="largestCount"/>.</summary>
    public ByteBlock(MpiLibrary library, long byteCount, long largestCount)
    {
        _library = library;
        if (byteCount <= largestCount)
        {
            Count = (int)byteCount;
            Datatype = library.Abi.Byte;
            return;
        }

        int pieces = (int)((byteCount + PieceLength - 1) / PieceLength);
        int* lengths = stackalloc int[pieces];
        nint* offsets = stackalloc nint[pieces];
        for (int i = 0; i < pieces; i++)
        {
            long offset = (long)i * PieceLength;
            offsets[i] = (nint)offset;
            lengths[i] = (int)Math.Min(PieceLength, byteCount - offset);
        }
        nint derived = 0;
        library.Check(
            library.Functions.TypeCreateHindexed(pieces, lengths, offsets, library.Abi.Byte, &derived),
            "MPI_Type_create_hindexed");
        library.Check(library.Functions.TypeCommit(&derived), "MPI_Type_commit");
        Count = 1;
        Datatype = derived;
        IsDerived = true;
    }

    public int Count { get; }

    public nint Datatype { get; }

    private bool IsDerived { get; }

    /// <summary>Frees a derived type; MPI keeps it alive for transfers under way.</summary>
    public void Dispose()
    {
        if (!IsDerived)
            return;
        nint derived = Datatype;
        _ = _library.Functions.TypeFree(&derived);
    }
}
