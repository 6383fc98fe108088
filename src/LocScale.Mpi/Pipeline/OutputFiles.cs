using LocScale.Maps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files that a run leaves behind.</summary>
internal static class OutputFiles
{
    /// <summary>
    /// Refuses, before any work is done, an output that would overwrite an input or that has no folder to go to.
    /// </summary>
    /// <exception cref="InputException">The output cannot be written.</exception>
    public static void RequireWritable(RunOptions options)
    {
        string output = Path.GetFullPath(options.OutputPath);
        string?[] inputs =
        [
            options.EmMapPath, options.HalfMaps?.FirstPath, options.HalfMaps?.SecondPath, options.ModelMapPath,
            options.ModelCoordinatesPath, options.MaskPath,
        ];
        foreach (string? input in inputs)
        {
            if (input is not null && Path.GetFullPath(input) == output)
                throw new InputException($"The output {options.OutputPath} is also an input, which is never written to: give another name with -o.");
        }
        string folder = Path.GetDirectoryName(output) ?? "/";
        if (!Directory.Exists(folder))
            throw new InputException($"The folder {folder} for the output does not exist: create it, or give another name with -o.");
        if (Directory.Exists(output))
            throw new InputException($"The output {options.OutputPath} is a folder: give the name of a file with -o.");
    }

    /// <summary>
    /// Writes the sharpened map and beside it, where there are any, the maps of local B-factors and the half maps' Fourier
    /// shell correlations.
    /// </summary>
    /// <returns>The paths of the files.</returns>
    /// <exception cref="InputException">The disk is full, or not ours to write to.</exception>
    public static IReadOnlyList<string> Write(
        RunOptions options, DensityMap input, ScaledMaps scaled, HalfMapFsc? curves)
    {
        List<string> written = [];
        Save(options.OutputPath, scaled.Values, "LocScale.Mpi: locally sharpened map");
        if (scaled.BFactors is not null && scaled.Fits is not null)
        {
            string folder = Path.GetDirectoryName(options.OutputPath) ?? "";
            Save(Path.Combine(folder, "bfactor_map.mrc"), scaled.BFactors, "LocScale.Mpi: B-factors of the model's windows, A^2");
            Save(Path.Combine(folder, "qfit_map.mrc"), scaled.Fits, "LocScale.Mpi: R^2 of the B-factor fits");
        }
        if (curves is not null)
        {
            string stem = Path.Combine(
                Path.GetDirectoryName(options.OutputPath) ?? "", Path.GetFileNameWithoutExtension(options.OutputPath) + "_fsc");
            FscCurveFiles.WriteCsv(stem + ".csv", curves);
            FscCurveFiles.WriteXml(
                stem + ".xml", curves.Masking?.Corrected ?? curves.Unmasked, "Half maps, corrected for the mask by phase randomisation");
            written.AddRange([stem + ".csv", stem + ".xml"]);
        }
        return written;

        void Save(string path, float[] values, string label)
        {
            MrcWriter.Write(path, new DensityMap(input.Size, input.Frame, values), label);
            written.Add(path);
        }
    }
}
