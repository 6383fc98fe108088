using LocScale.Maps;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files of the stages in between, kept in a folder if the user names one.</summary>
/// <param name="folder">The folder; null to keep none.</param>
internal sealed class IntermediateFiles(string? folder)
{
    /// <summary>The names of all that may be kept.</summary>
    public static readonly IReadOnlyList<string> Names = ["averaged_map.mrc", "confidence_map.mrc", "mask.mrc", "model_map.mrc"];

    /// <summary>Keeps a map that lies where another one does.</summary>
    public void Save(string name, DensityMap like, float[] values)
    {
        if (folder is null)
            return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The folder {folder} for intermediate files cannot be created: give another with -op.", exception);
        }
        MrcWriter.Write(Path.Combine(folder, name), new DensityMap(like.Size, like.Frame, values), $"LocScale.Mpi: {name}");
    }
}
