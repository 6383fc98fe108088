using LocScale.Maps;

namespace LocScale.Mpi.Pipeline;

/// <summary>The files of the stages in between, kept in a folder if the user names one.</summary>
/// <param name="folder">The folder; null to keep none.</param>
internal sealed class IntermediateFiles(string? folder)
{
    /// <summary>Creates the folder.</summary>
    /// <exception cref="InputException">It cannot be created.</exception>
    public void Prepare()
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
    }

    /// <summary>The path of a file in the folder; null if none are kept.</summary>
    public string? PathOf(string name) => folder is null ? null : Path.Combine(folder, name);

    /// <summary>Keeps a map that lies where another one does.</summary>
    public void Save(string name, DensityMap like, float[] values)
    {
        if (PathOf(name) is string path)
            MrcWriter.Write(path, new DensityMap(like.Size, like.Frame, values), $"LocScale.Mpi: {name}");
    }
}
