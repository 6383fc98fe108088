using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Files;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files of the stages in between, kept in a folder if the user names one.</summary>
/// <param name="folder">The folder; null to keep none.</param>
/// <param name="files">The files that appear together when the run has succeeded.</param>
internal sealed class IntermediateFiles(string? folder, AtomicFileSet files)
{
    /// <summary>The names of all that may be kept.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "averaged_map.mrc", "confidence_map.mrc", "mask.mrc", "model_map.mrc", "placed_model.pdb", "placed_model.cif",
    ];

    /// <summary>Keeps a map that lies where another one does.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, DensityMap like, Func<float[]> values)
    {
        if (folder is null)
            return;
        CreateFolder(folder);
        MrcWriter.Write(
            files, Path.Combine(folder, name), new DensityMap(like.Size, like.Frame, values()), $"LocScale.Mpi: {name}");
    }

    /// <summary>Keeps a model as it goes into the model map: in the map's frame, with these B-factors.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Save(string name, AtomicModel model, ReadOnlySpan<double> bFactors)
    {
        if (folder is null)
            return;
        CreateFolder(folder);
        ModelWriter.WriteWithBFactors(model, bFactors, Path.Combine(folder, name));
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The folder {folder} for intermediate files cannot be created: give another with -op.", exception);
        }
    }
}
