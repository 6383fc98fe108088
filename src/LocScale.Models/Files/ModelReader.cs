using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;
using LocScale.Models.Files.Pdb;

namespace LocScale.Models.Files;

/// <summary>
/// Reads an atomic model from a file, PDB or mmCIF, plain or gzipped; the content decides, not the name.
/// </summary>
public static class ModelReader
{
    /// <summary>Reads the first model of a file.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read, is neither PDB nor mmCIF, is damaged, or holds no atom that scatters.
    /// </exception>
    public static AtomicModel Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelText text = ModelText.Load(path);
        AtomicModel model = text.Format == ModelFormat.Pdb
            ? PdbReader.Read(text.Bytes, path)
            : MmCifReader.Read(text.Bytes, path);
        return model with { Text = text };
    }
}
