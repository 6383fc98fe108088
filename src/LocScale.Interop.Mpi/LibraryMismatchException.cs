namespace MPI;

/// <summary>The MPI library that was loaded is not that of the launcher, so that each rank would believe to be alone.</summary>
public sealed class LibraryMismatchException : InvalidOperationException
{
    /// <summary>Says which library was loaded and what to do.</summary>
    public LibraryMismatchException(string message)
        : base(message)
    {
    }
}
