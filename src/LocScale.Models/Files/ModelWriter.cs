using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;
using LocScale.Models.Files.Pdb;

namespace LocScale.Models.Files;

/// <summary>Writes a model back as it was read, with other B-factors.</summary>
public static class ModelWriter
{
    /// <summary>The ending of the name of a file that a model is written back to: <c>.pdb</c> or <c>.cif</c>.</summary>
    /// <exception cref="InvalidOperationException">The model was not read from a file.</exception>
    public static string EndingOf(AtomicModel source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return TextOf(source).Format == ModelFormat.Pdb ? ".pdb" : ".cif";
    }

    /// <summary>
    /// Writes the file a model was read from with new B-factors for its first model. Displacement tensors of atoms whose
    /// B changes are scaled so that their equivalent B is the new one. Everything else, further models included, stays
    /// byte for byte; a gzipped source is written plain.
    /// </summary>
    /// <param name="files">The set of files, which appear together, that this is one of.</param>
    /// <param name="source">A model that <see cref="ModelReader"/> read.</param>
    /// <param name="bFactors">The B-factors in Å², one per atom of <paramref name="source"/>, in its order.</param>
    /// <param name="outputPath">Where to write, in the format of the source.</param>
    /// <exception cref="ArgumentException">The number of B-factors is wrong, or one is not finite.</exception>
    /// <exception cref="InvalidOperationException">The model was not read from a file.</exception>
    /// <exception cref="InputException">
    /// The file cannot be written, would replace the source, or a B-factor is too large for PDB columns.
    /// </exception>
    public static void WriteWithBFactors(
        AtomicFileSet files, AtomicModel source, ReadOnlySpan<double> bFactors, string outputPath)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(outputPath);
        if (bFactors.Length != source.Atoms.Length)
            throw new ArgumentException($"{source.Atoms.Length} atoms need as many B-factors, not {bFactors.Length}.", nameof(bFactors));
        foreach (double bFactor in bFactors)
        {
            if (!double.IsFinite(bFactor))
                throw new ArgumentException("A B-factor is not a finite number.", nameof(bFactors));
        }
        ModelText text = TextOf(source);
        if (Path.GetFullPath(outputPath) == Path.GetFullPath(text.SourceFile))
            throw new InputException($"{outputPath} is the model that was read; give another name for the output.");
        List<TextPatch> patches = text.Format == ModelFormat.Pdb
            ? PdbBFactorPatches.Make(text.Bytes, bFactors)
            : MmCifBFactorPatches.Make(text.Bytes, text.SourceFile, bFactors);
        files.Write(outputPath, "model", stream => TextPatch.Write(text.Bytes, patches, stream));
    }

    private static ModelText TextOf(AtomicModel source) =>
        source.Text ?? throw new InvalidOperationException("Only a model that was read from a file can be written back.");
}

/// <summary>
/// A replacement in a text: <paramref name="Length"/> bytes at <paramref name="Start"/> give way to ASCII letters.
/// </summary>
internal readonly record struct TextPatch(int Start, int Length, string Replacement)
{
    /// <summary>
    /// Writes a text with its patches, which do not overlap. Patches at the same place keep their order.
    /// </summary>
    public static void Write(ReadOnlySpan<byte> text, IEnumerable<TextPatch> patches, Stream output)
    {
        int written = 0;
        Span<byte> ascii = stackalloc byte[64];
        foreach (TextPatch patch in patches.OrderBy(patch => patch.Start))
        {
            output.Write(text[written..patch.Start]);
            string replacement = patch.Replacement;
            while (replacement.Length > 0)
            {
                int count = Math.Min(ascii.Length, replacement.Length);
                for (int i = 0; i < count; i++)
                    ascii[i] = (byte)replacement[i];
                output.Write(ascii[..count]);
                replacement = replacement[count..];
            }
            written = patch.Start + patch.Length;
        }
        output.Write(text[written..]);
    }
}
