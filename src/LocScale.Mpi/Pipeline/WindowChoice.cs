using LocScale.Maps;
using LocScale.Mpi.CommandLine;
using LocScale.Scaling;

namespace LocScale.Mpi.Pipeline;

/// <summary>The edge of the window: 25 Å, or what the user says, made even.</summary>
internal static class WindowChoice
{
    private const double EdgeInAngstrom = 25;

    /// <summary>The edge in voxels.</summary>
    /// <exception cref="InputException">It is out of range.</exception>
    public static int For(RunOptions options, double voxelSize)
    {
        int window = Even(options.WindowSize ?? (EdgeInAngstrom / voxelSize));
        if (window is < 4 or > ScalingParameters.MaximalWindowSize)
        {
            throw new InputException(
                $"A window of {window} voxels ({window * voxelSize:0.#} Å) cannot be used: give one of 4 to {ScalingParameters.MaximalWindowSize} voxels with -wn.");
        }
        return window;
    }

    /// <summary>x rounded up, plus one if that is odd.</summary>
    private static int Even(double x)
    {
        int rounded = (int)Math.Ceiling(Math.Min(x, short.MaxValue));
        return rounded + (rounded % 2);
    }
}
