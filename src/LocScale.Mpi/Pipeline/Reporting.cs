using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Distribution;
using LocScale.Report;

namespace LocScale.Mpi.Pipeline;

/// <summary>
/// What is told of a run that has done its work, beside what its stages have found: map and model before and after, and the
/// report. Nothing of it changes the map.
/// </summary>
/// <param name="options">What the user wants.</param>
/// <param name="map">The map before.</param>
/// <param name="reference">What it was scaled to; null where there is none.</param>
/// <param name="scaled">The map after.</param>
/// <param name="mask">The voxels that were scaled.</param>
/// <param name="symmetry">The symmetry of the model.</param>
/// <param name="volume">What the contours of the 3-D view enclose, Å³.</param>
internal sealed class Reporting(
    RunOptions options, DensityMap map, DensityMap? reference, ScaledMaps scaled, VoxelMask mask, ModelSymmetry symmetry,
    double volume)
{
    // Of the B-factors, left out at either end of the colours.
    private const double BeyondColours = 0.02;

    // Of the amplitude; with less of it left, the eye sees that a map is blurrier. Of 13 maps, two that had been sharpened keep
    // 0.50 and 0.60, the others 0.80 and more.
    private const double BlurredShare = 0.7;

    /// <summary>Compares map and model before and after, by shells and by residues.</summary>
    /// <param name="findings">Where that is noted.</param>
    /// <returns>A sentence for the user where the map became blurrier; else null.</returns>
    public string? Compare(RunFindings findings)
    {
        double voxelSize = map.Frame.VoxelSize;
        AgreementSummary agreement = ShellAgreement.Of(map.Values, scaled.Values, reference?.Values, mask, voxelSize, options.Threads);
        findings.Agreement = options.HasNoModel ? agreement with { FscBefore = null, FscAfter = null } : agreement;
        // LocScale knows nothing of where the map lies.
        if (findings.Model is not AtomicModel model || options.Compatibility == Compatibility.LocScale2)
            return Blurred(findings);
        ScatteringModel placed = ModelPlacement.InFrameOf(model, map.Size, map.Frame, "").Model;
        double radius = MaskMaking.RadiusOfAtoms(findings.Resolution?.Angstrom ?? 2 * voxelSize);
        double[] before = [.. model.Atoms.Select(atom => atom.BIso)];
        findings.Residues = new ResidueSummary(
            [.. model.Residues.Select(residue => residue.Chain ?? "")],
            [.. model.Residues.Select(residue => residue.Number)],
            [.. model.Residues.Select(residue => residue.Name ?? "")],
            MeanOfResidues(model, before),
            MeanOfResidues(model, findings.Refined?.Result.BFactors ?? before),
            CorrelationsWith(map.Values),
            CorrelationsWith(scaled.Values));
        return Blurred(findings);

        double?[] CorrelationsWith(float[] values) => reference is null ? new double?[model.Residues.Length] : ResidueFit.Of(
            values, reference.Values, mask, voxelSize, model, placed, radius, options.Threads);
    }

    private static string? Blurred(RunFindings findings)
    {
        if (findings.Agreement is not AgreementSummary agreement || findings.Resolution is not MapResolution resolution)
            return null;
        if (ShellAgreement.WeakestShell(agreement, resolution.Angstrom) is not (double angstrom, double left) || left >= BlurredShare)
            return null;
        return FormattableString.Invariant(
            $"The map came out blurrier than it went in: at {angstrom:0.0} Å it has {100 * left:0} % of the amplitude that it had, compared with detail coarser than 10 Å; either the input has been sharpened already (give the half maps, or the map as it was reconstructed), or the reference is more blurred than the map (check its B-factors, and that it fits the map).");
    }

    /// <summary>Writes the report as one of the files of the run.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="files">The files that appear together.</param>
    /// <param name="findings">What was found.</param>
    /// <param name="summary">The figures.</param>
    /// <exception cref="InputException">It cannot be written.</exception>
    public void Write(string path, AtomicFileSet files, RunFindings findings, RunSummary summary)
    {
        SlicePlane[] planes = SlicePlane.Through(mask);
        List<SliceRow> rows =
        [
            new("Input", [.. planes.Select(plane => SliceImage.Grey(map.Values, map.Size, plane))]),
            new("Mask", [.. planes.Select(plane => SliceImage.Of(mask, plane))]),
            new("Sharpened", [.. planes.Select(plane => SliceImage.Grey(scaled.Values, map.Size, plane))]),
        ];
        if (reference is not null)
            rows.Insert(2, new SliceRow(options.HasNoModel ? "Reference" : options.CompletesReference ? "Completed model map" : "Model map", [.. planes.Select(plane => SliceImage.Grey(reference.Values, map.Size, plane))]));
        if (LocalB(findings) is (Func<int, int, int, float> local, float from, float to))
        {
            rows.Add(new SliceRow(
                scaled.BFactors is null ? "Local B of the atoms" : "Local B of the model map", [.. planes.Select(plane => SliceImage.Coloured(plane, local, from, to))],
                FormattableString.Invariant($"{from:0} to {to:0} Å²{(scaled.BFactors is null || findings.Refined is not { Shift: > 0 } refined ? "" : $", all lowered by {refined.Shift:0}")}")));
        }
        string scene = ViewerScene.Html(map.Values, scaled.Values, mask, map.Frame, RefinedModel(findings), volume, options.Threads);
        ReportPictures pictures = new(planes, rows, map.Frame.VoxelSize, scene);
        files.Write(path, "report", stream =>
        {
            using StreamWriter writer = new(stream, leaveOpen: true) { NewLine = "\n" };
            HtmlReport.Write(writer, summary, pictures);
        });
    }

    private static double[] MeanOfResidues(AtomicModel model, double[] bFactors)
    {
        double[] sums = new double[model.Residues.Length], counts = new double[sums.Length];
        for (int i = 0; i < bFactors.Length; i++)
        {
            int residue = model.Atoms[i].ResidueIndex;
            if (residue < 0 || residue >= sums.Length)
                continue;
            sums[residue] += bFactors[i];
            counts[residue]++;
        }
        return [.. sums.Zip(counts, (sum, count) => sum / Math.Max(1, count))];
    }

    /// <summary>The model with its B-factors as refined; null where its place in the map is not known.</summary>
    private AtomicModel? RefinedModel(RunFindings findings) =>
        findings.Model is not AtomicModel model || options.Compatibility == Compatibility.LocScale2 ? null
        : findings.Refined is { } refined ? model.WithBFactors(refined.Result.BFactors) : model;

    /// <summary>The B-factor of each voxel of the mask, as measured or of the atoms around it; NaN elsewhere.</summary>
    private (Func<int, int, int, float> Value, float From, float To)? LocalB(RunFindings findings)
    {
        if (scaled.BFactors is float[] measured)
        {
            float[] sorted = [.. measured.Where((_, i) => mask.Values[i] != 0)];
            Array.Sort(sorted);
            return (Within((x, y, z) => measured[map.Size.Index(x, y, z)]), Colour(sorted, BeyondColours), Colour(sorted, 1 - BeyondColours));
        }
        if (RefinedModel(findings) is not AtomicModel refined)
            return null;
        ModelPlacement placed = ModelPlacement.InFrameOf(refined, map.Size, map.Frame, "");
        ScatteringAtom[] atoms = [.. symmetry.Complete(refined, placed, map).Atoms.Where(atom => !atom.Element.IsHydrogen)];
        LocalBFactors around = new(atoms.Select(atom => (atom.Position, (double)atom.BIso)));
        float[] all = [.. atoms.Select(atom => atom.BIso)];
        Array.Sort(all);
        double voxelSize = map.Frame.VoxelSize;
        return (Within((x, y, z) => (float)around.At(voxelSize * new Position(x, y, z))), Colour(all, BeyondColours), Colour(all, 1 - BeyondColours));

        Func<int, int, int, float> Within(Func<int, int, int, float> value) =>
            (x, y, z) => mask.Values[map.Size.Index(x, y, z)] == 0 ? float.NaN : value(x, y, z);

        static float Colour(float[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)(share * (sorted.Length - 1))];
    }
}
