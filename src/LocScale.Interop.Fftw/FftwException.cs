namespace FFTW.NET;

/// <summary>FFTW is missing or refuses to make a plan; the message is a sentence for a person.</summary>
public sealed class FftwException : Exception
{
    /// <summary>An error without a message; prefer the constructors that take one.</summary>
    public FftwException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public FftwException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and the failure underneath.</summary>
    public FftwException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
