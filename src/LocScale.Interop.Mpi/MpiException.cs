namespace MPI;

/// <summary>An MPI operation failed. The message holds the operation's name and the library's own words.</summary>
public sealed class MpiException : Exception
{
    /// <summary>Describes a failed operation.</summary>
    /// <param name="operation">The MPI function, such as <c>MPI_Recv</c>.</param>
    /// <param name="description">The library's text for what went wrong.</param>
    public MpiException(string operation, string description)
        : base($"{operation} failed: {description}")
    {
    }
}

/// <summary>No usable MPI library was found; the message is one sentence that says what to install or to set.</summary>
public sealed class LibraryNotFoundException : DllNotFoundException
{
    /// <summary>Says what is missing and what to do.</summary>
    public LibraryNotFoundException(string message)
        : base(message)
    {
    }
}

/// <summary>The MPI library that was loaded is not that of the launcher, so that each rank would believe to be alone.</summary>
public sealed class LibraryMismatchException : InvalidOperationException
{
    /// <summary>Says which library was loaded and what to do.</summary>
    public LibraryMismatchException(string message)
        : base(message)
    {
    }
}
