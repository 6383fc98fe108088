using System.Globalization;
using LocScale.Maps;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Mpi.Terminal;
using LocScale.Parallel;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Sees to it that two half maps show one particle at one place, and that their noise is not the same.</summary>
internal static class HalfMapComparing
{
    // Half maps that agree to less tell nothing here, Å.
    private const double CoarsestResolution = 40;

    // Half maps may miss each other by less than half a voxel; where they fit elsewhere, they fit better by so much.
    private const double LargestShift = 0.5, LeastGain = 0.02, NoDoubt = 0.8, Certain = 0.6, ClearlyBetter = 0.1;

    /// <summary>Checks them.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="halves">The half maps.</param>
    /// <param name="spectra">Their spectra and their correlation.</param>
    /// <param name="console">What is told.</param>
    /// <exception cref="InputException">One is moved or turned against the other, or its mirror image.</exception>
    public static void Check(
        RunOptions options, Intracommunicator ranks, InputMaps inputs, HalfMapPair halves, HalfMapSpectra spectra, RunConsole console)
    {
        DensityMap map = inputs.Map;
        double voxelSize = map.Frame.VoxelSize;
        double resolution = Math.Max(
            Math.Max(ModelFit.ComparedResolution, ModelFit.FinestCompared(map.Size, voxelSize)),
            FscResolution.FirstCrossing(spectra.Fsc, voxelSize).Angstrom);
        string names = $"The half maps {inputs.Raw[0].Name} and {inputs.Raw[1].Name}";
        if (resolution <= CoarsestResolution)
            RequireOnePlace();
        (RowReader first, RowReader second) = halves.Readers();
        double shared = SharedNoise.OfVoxels(first, second, map.Size, options.Threads);
        if (SharedNoise.IsLikely(shared, spectra.Fsc, EdgeOf(spectra.First, 0), EdgeOf(spectra.Second, 1)))
        {
            console.Warn([string.Create(CultureInfo.InvariantCulture,
                $"{names} are not independent: they correlate by {shared:0.00} even where they agree least, as a half map does with the full map, so that what they tell of noise and resolution is wrong; give the two half maps of the reconstruction.")]);
        }

        FilterEdge? EdgeOf(RadialPowerSpectrum power, int index) => FilterEdge.Of(power, map.Size.Count, inputs.Raw[index].Deviation);

        void RequireOnePlace()
        {
            (CoarseMap one, CoarseMap other) = Halves(resolution);
            AlignedMap aligned = MapAlignment.Align(one, other, Everywhere(one), resolution, options.Threads);
            Position centre = aligned.Motion.Centre, shift = aligned.Motion.Shift;
            if (aligned.After < NoDoubt)
            {
                (CoarseMap first, CoarseMap second) = resolution == ModelFit.ComparedResolution
                    ? (one, other) : Halves(ModelFit.ComparedResolution);
                double asTheyAre = MapCorrelation.Of(first.Values, second.Values, options.Threads);
                byte[] all = Everywhere(first);
                FoundPlacement found = PlacementSearch.InMap(first, second, all, options.Threads);
                FoundPlacement mirrored = PlacementSearch.InMirrorImage(first, second, all, options.Threads);
                if (mirrored.Correlation > Certain && mirrored.Correlation > found.Correlation + ClearlyBetter)
                {
                    throw new InputException(string.Create(CultureInfo.InvariantCulture,
                        $"{names} have opposite hands: at {ModelFit.ComparedResolution} Å they correlate by {found.Correlation:0.00} at best, and by {mirrored.Correlation:0.00} where one of them is mirrored; mirror the one of the wrong hand."));
                }
                if (found.Correlation > Certain && found.Correlation > asTheyAre + ClearlyBetter)
                    throw Moved(found.Shift, ModelFit.ComparedResolution, asTheyAre, found.Correlation, "");
                if (aligned.After < Certain)
                    return;
            }
            double turn = aligned.Motion.Turn;
            double edge = 0.5 * map.Size.Shortest * voxelSize;
            bool isTurned = turn * Math.PI / 180 * edge > LargestShift * voxelSize;
            if (aligned.After > aligned.Before + LeastGain && (shift.Length > LargestShift * voxelSize || isTurned))
            {
                throw Moved(shift, resolution, aligned.Before, aligned.After, isTurned
                    ? string.Create(CultureInfo.InvariantCulture, $" and turned by {turn:0.0}° about ({centre.X:0}, {centre.Y:0}, {centre.Z:0}) Å") : "");
            }
        }

        (CoarseMap First, CoarseMap Second) Halves(double at)
        {
            CoarseMap mean = SharedMapWork.Coarse(ranks, map, at, options.Threads);
            CoarseMap difference = SharedMapWork.Coarse(
                ranks, new DensityMap(map.Size, map.Frame, halves.HalfDifference), at, options.Threads);
            return (
                mean with { Values = [.. mean.Values.Zip(difference.Values, (m, d) => m + d)] },
                mean with { Values = [.. mean.Values.Zip(difference.Values, (m, d) => m - d)] });
        }

        static byte[] Everywhere(CoarseMap coarse)
        {
            byte[] all = new byte[coarse.Values.Length];
            Array.Fill(all, (byte)1);
            return all;
        }

        InputException Moved(Position shift, double at, double before, double after, string turned) => new(string.Create(
            CultureInfo.InvariantCulture,
            $"{names} do not show the particle at one place: the second fits the first moved by ({Voxels(shift.X):0.0}, {Voxels(shift.Y):0.0}, {Voxels(shift.Z):0.0}) voxels along x, y and z{turned} (at {at:0.#} Å they correlate by {after:0.00} then, by {before:0.00} as they are); give the two half maps of one reconstruction."));

        // Without the sign of a rounded zero.
        double Voxels(double length) => Math.Round(length / voxelSize, 1) + 0.0;
    }
}
