namespace FFTW.NET;

/// <summary>How much FFTW tries out before it settles on an algorithm; the values are those of fftw3.h.</summary>
[Flags]
public enum PlannerFlags : uint
{
    /// <summary>Times several algorithms: fast, but another process may pick another one, which rounds differently.</summary>
    Measure = 0,

    /// <summary>A complex-to-real transform may overwrite its input, which is what it does by default anyway.</summary>
    DestroyInput = 1u << 0,

    /// <summary>The arrays may lie anywhere in memory.</summary>
    Unaligned = 1u << 1,

    /// <summary>The input keeps its values. Not to be had for complex-to-real transforms in several dimensions.</summary>
    PreserveInput = 1u << 4,

    /// <summary>Times many algorithms.</summary>
    Patient = 1u << 5,

    /// <summary>
    /// A rule instead of a measurement: the same algorithm, hence the same rounding, in every process of a machine type.
    /// </summary>
    Estimate = 1u << 6,
}
