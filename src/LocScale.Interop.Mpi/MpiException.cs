namespace MPI;

/// <summary>An MPI operation failed. The message holds the operation's name and the library's own words.</summary>
public sealed class MpiException : Exception
{
    /// <summary>Describes a failed operation.</summary>
    /// <param name="operation">The MPI function, such as <c>MPI_Recv</c>.</param>
    /// <param name="errorCode">What it returned.</param>
    /// <param name="errorClass">The class of that code.</param>
    /// <param name="description">The library's text for it.</param>
    public MpiException(string operation, int errorCode, ErrorClass errorClass, string description)
        : base($"{operation} failed: {description}")
    {
        Operation = operation;
        ErrorCode = errorCode;
        ErrorClass = errorClass;
    }

    /// <summary>The MPI function that failed, such as <c>MPI_Recv</c>.</summary>
    public string Operation { get; }

    /// <summary>The code it returned, in the numbering of the library in use.</summary>
    public int ErrorCode { get; }

    /// <summary>The class of the code.</summary>
    public ErrorClass ErrorClass { get; }
}
