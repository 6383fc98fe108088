namespace LocScale.Maps;

/// <summary>
/// Something the user gave cannot be used. The message is one sentence for that user: what is wrong, in which file,
/// and what to do. The program prints it, without a stack trace, and ends with exit code 2.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>An error without a message; prefer the constructors that take one.</summary>
    public InputException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public InputException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and the failure underneath.</summary>
    public InputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
