namespace MPI;

/// <summary>
/// The error classes of the MPI standard. Their numbers differ from library to library;
/// these are names only, translated by the binding.
/// </summary>
public enum ErrorClass
{
    /// <summary>A class the binding has no name for.</summary>
    Unknown,

    /// <summary>Invalid buffer.</summary>
    Buffer,

    /// <summary>Invalid count.</summary>
    Count,

    /// <summary>Invalid datatype.</summary>
    Type,

    /// <summary>Invalid tag.</summary>
    Tag,

    /// <summary>Invalid communicator.</summary>
    Communicator,

    /// <summary>Invalid rank.</summary>
    Rank,

    /// <summary>Invalid root.</summary>
    Root,

    /// <summary>Invalid group.</summary>
    Group,

    /// <summary>Invalid operation.</summary>
    Operation,

    /// <summary>Invalid argument of another kind.</summary>
    Argument,

    /// <summary>The message is longer than the buffer that receives it.</summary>
    Truncate,

    /// <summary>Another error; the message says which.</summary>
    Other,

    /// <summary>An error inside the library.</summary>
    Internal,

    /// <summary>Invalid request.</summary>
    Request,

    /// <summary>Out of memory.</summary>
    NoMemory,
}
