namespace MPI;

/// <summary>No usable MPI library was found; the message is one sentence that says what to install or to set.</summary>
public sealed class LibraryNotFoundException : DllNotFoundException
{
    /// <summary>Says what is missing and what to do.</summary>
    public LibraryNotFoundException(string message)
        : base(message)
    {
    }
}
