namespace FFTW.NET;

/// <summary>The sign of the exponent of a transform. Neither direction scales its result.</summary>
public enum DftDirection
{
    /// <summary>exp(−2πi k x / n).</summary>
    Forwards = -1,

    /// <summary>exp(+2πi k x / n).</summary>
    Backwards = 1,
}
