using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary><see cref="ScalingParameters"/> in the form in which they travel.</summary>
internal readonly record struct ScalingStart(
    int WindowSize, int Coverage, int FirstShell, int EndShell, double SquaredFrequencyStep)
{
    public static ScalingStart From(ScalingParameters parameters) =>
        parameters.BFactors is BFactorRange range
            ? new(parameters.WindowSize, (int)parameters.Coverage, range.FirstShell, range.EndShell, range.SquaredFrequencyStep)
            : new(parameters.WindowSize, (int)parameters.Coverage, -1, -1, 0);

    public ScalingParameters ToParameters() => new(
        WindowSize,
        (ProfileCoverage)Coverage,
        FirstShell < 0 ? null : new BFactorRange(FirstShell, EndShell, SquaredFrequencyStep));
}
