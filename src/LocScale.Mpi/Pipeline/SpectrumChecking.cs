using LocScale.Maps.HalfMaps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>What the maps show before there is a model or a mask.</summary>
/// <param name="HalfMaps">The correlation of the half maps; null without half maps.</param>
/// <param name="Power">The spectrum of the map, or of half map 1.</param>
internal sealed record MapSpectra(FscCurve? HalfMaps, RadialPowerSpectrum Power);

/// <summary>Takes the spectra of the maps and tells where they do not look raw.</summary>
internal static class SpectrumChecking
{
    /// <summary>Checks the maps.</summary>
    public static MapSpectra Check(RunOptions options, Intracommunicator ranks, InputMaps inputs, RunConsole console)
    {
        if (inputs.Halves is not HalfMapPair halves)
        {
            RadialPowerSpectrum power = SharedMapWork.Spectrum(ranks, inputs.Map, options.Threads);
            Tell(inputs, 0, power, console);
            return new MapSpectra(null, power);
        }
        HalfMapSpectra spectra = SharedMapWork.Correlate(ranks, halves, options.Threads);
        Tell(inputs, 0, spectra.First, console);
        Tell(inputs, 1, spectra.Second, console);
        return new MapSpectra(spectra.Fsc, spectra.First);
    }

    private static void Tell(InputMaps inputs, int index, RadialPowerSpectrum spectrum, RunConsole console)
    {
        RawMap raw = inputs.Raw[index];
        console.Warn(RawMapCheck.OfSpectrum(spectrum, raw.Name, inputs.Map.Size.Count, raw.Deviation));
    }
}
