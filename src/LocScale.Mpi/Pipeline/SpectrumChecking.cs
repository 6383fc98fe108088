using LocScale.Maps.HalfMaps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Takes the spectra of the maps and tells where they do not look raw.</summary>
internal static class SpectrumChecking
{
    /// <summary>Checks the maps.</summary>
    /// <returns>The Fourier shell correlation of the half maps; null without half maps.</returns>
    public static FscCurve? Check(RunOptions options, Intracommunicator ranks, InputMaps inputs, RunConsole console)
    {
        if (inputs.Halves is not HalfMapPair halves)
        {
            Tell(inputs, 0, SharedMapWork.Spectrum(ranks, inputs.Map, options.Threads), console);
            return null;
        }
        HalfMapSpectra spectra = SharedMapWork.Correlate(ranks, halves, options.Threads);
        Tell(inputs, 0, spectra.First, console);
        Tell(inputs, 1, spectra.Second, console);
        return spectra.Fsc;
    }

    private static void Tell(InputMaps inputs, int index, RadialPowerSpectrum spectrum, RunConsole console)
    {
        RawMap raw = inputs.Raw[index];
        console.Warn(RawMapCheck.OfSpectrum(spectrum, raw.Name, inputs.Map.Size.Count, raw.Deviation));
    }
}
