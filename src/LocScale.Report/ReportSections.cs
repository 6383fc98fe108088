using System.Text.RegularExpressions;
using static System.FormattableString;

namespace LocScale.Report;

/// <summary>The sections of the report, each of one matter.</summary>
internal static partial class ReportSections
{
    private const int MostChains = 24, Bins = 40;

    /// <summary>What went in, and the command.</summary>
    public static void Inputs(Html html, RunSummary summary) => html.Section("inputs", "What went in", () =>
    {
        html.Table(["Role", "File", "Size", "SHA-256"], summary.Inputs.Select(input => (string[])[
            input.Role, input.Path, input.Bytes is long bytes ? Invariant($"{bytes / 1e6:0.0} MB") : "", input.Sha256?[..16] is string start ? start + "…" : ""]));
        if (summary.Map is MapSummary map)
            html.Paragraph(Invariant($"The map has {map.Size[0]} × {map.Size[1]} × {map.Size[2]} voxels of {map.VoxelSize:0.####} Å; its first voxel lies at ({map.FirstVoxel[0]:0.##}, {map.FirstVoxel[1]:0.##}, {map.FirstVoxel[2]:0.##}) Å."));
        // A line may end before a flag, not within it.
        html.Line($"<pre>{Flag().Replace(Html.Text(summary.Command), "<span>$0</span>")}</pre>");
    });

    /// <summary>Slices of all maps.</summary>
    public static void Slices(Html html, ReportPictures pictures)
    {
        if (pictures.Slices.Count == 0)
            return;
        html.Section("slices", "Slices", () =>
        {
            html.Paragraph("Three planes through the middle of the mask. Each map has its own greys, from the darkest to the brightest of what it shows in the plane.");
            html.Line("<div class=\"slices\">");
            string[] axes = ["x", "y", "z"];
            html.Line($"<div></div>{string.Concat(pictures.Planes.Select(plane => $"<div class=\"head\">across {axes[plane.Axis]}, voxel {plane.Index}</div>"))}");
            foreach (SliceRow row in pictures.Slices)
            {
                html.Line($"<div class=\"name\">{Html.Text(row.Name)}{(row.Legend is string legend ? $"<br><span class=\"ramp\"></span><small>{Html.Text(legend)}</small>" : "")}</div>");
                foreach ((byte[] png, SlicePlane plane) in row.Pngs.Zip(pictures.Planes))
                    html.Line($"<div><img alt=\"{Html.Text(row.Name)}, across {axes[plane.Axis]}\" width=\"{plane.Width}\" height=\"{plane.Height}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"></div>");
            }
            html.Line("</div>");
        });
    }

    /// <summary>The half maps' correlation, and the resolution.</summary>
    public static void HalfMaps(Html html, RunSummary summary) => html.Section("resolution", "Resolution", () =>
    {
        if (summary.Resolution is ResolutionSummary found)
        {
            html.Paragraph(found.Source + "." + (found.WithinMask is double within ? WithinMask(within, summary) : "")
                + (found.Sharpened is double sharpened ? Invariant($" The half maps as they were sharpened: {sharpened:0.00} Å.") : ""));
        }
        if (summary.HalfMapFsc is not HalfMapFscSummary fsc)
        {
            html.Paragraph("There are no half maps, whose correlation would tell the resolution.");
            return;
        }
        List<PlotSeries> lines = [Line("unmasked", fsc.Unmasked, 0)];
        if (fsc.Corrected is not null)
            lines.AddRange([Line("within the mask, corrected", fsc.Corrected, 1), Line("within the mask", fsc.Masked!, 2), Line("phases randomised", fsc.PhaseRandomised!, 3)]);
        html.Plot(
            new SvgPlot
            {
                Description = "Fourier shell correlation of the half maps",
                XLabel = "spatial frequency, 1/Å",
                YLabel = "FSC",
                Series = lines,
                Marks = [new PlotMark(0.143, "0.143"), .. Resolution(summary), .. ResolutionWithinMask(summary)],
                YFrom = Math.Min(-0.1, fsc.Unmasked.Min()),
                YTo = 1.05,
                HasResolutions = true,
            },
            "Fourier shell correlation of the half maps, in shells of the box.");

        PlotSeries Line(string name, IReadOnlyList<double> values, int style) => new(name, [.. fsc.Frequencies.Skip(1)], [.. values.Skip(1)], style);
    });

    /// <summary>Whether the maps look raw.</summary>
    public static void RawMaps(Html html, RunSummary summary) => html.Section("raw", "Are the maps raw?", () =>
    {
        string[] signs = [.. summary.Warnings.Where(warning => warning.Stage is "Loading maps" or "Taking spectra").Select(warning => warning.Text)];
        if (signs.Length == 0)
            html.Paragraph("No sign of a filter, of sharpening or of a mask was found in the maps, which is what local sharpening wants.");
        foreach (string sign in signs)
            html.Paragraph(sign);
    });

    /// <summary>What the mask covers.</summary>
    public static void Mask(Html html, RunSummary summary)
    {
        if (summary.Mask is not MaskSummary mask)
            return;
        html.Section("mask", "What the mask covers", () =>
        {
            html.Paragraph(Invariant($"{mask.Voxels:N0} voxels, {mask.Volume:N0} Å³, {100 * mask.ShareOfBox:0.##} % of the box. The mask: {mask.Source}.")
                + (mask.ModelCovered is double share ? Invariant($" {100 * share:0.#} % of the model's atoms lie in density that stands out of the noise, or in the mask that was given.") : ""));
            if (mask.Chains.Count > 0)
            {
                html.Table(["Chain", "Atoms", "Covered", "Residues", "Residues outside"], mask.Chains.Select(chain => (string[])[
                    chain.Chain, $"{chain.Atoms:N0}", Invariant($"{100.0 * chain.Covered / Math.Max(1, chain.Atoms):0.#} %"), $"{chain.Residues:N0}", $"{chain.ResiduesOutside:N0}"]));
            }
        });
    }

    /// <summary>B before and after.</summary>
    public static void BFactors(Html html, RunSummary summary)
    {
        if (summary.Residues is not ResidueSummary residues || residues.BAfter.Count == 0)
            return;
        html.Section("bfactors", "B-factors", () =>
        {
            double largest = residues.BBefore.Concat(residues.BAfter).Max() * 1.0001, width = Math.Max(largest, 1) / (Bins - 1);
            double[] middles = [.. Enumerable.Range(0, Bins).SelectMany(bin => new[] { bin * width, (bin + 1) * width })];
            bool isRefined = summary.Refinement is not null;
            html.Plot(
                new SvgPlot
                {
                    Description = "Histogram of the residues' B-factors",
                    XLabel = "mean B of a residue, Å²",
                    YLabel = "residues",
                    YFrom = 0,
                    Series = isRefined
                        ? [new("as read", middles, Histogram(residues.BBefore), 0), new("refined", middles, Histogram(residues.BAfter), 1)]
                        : [new("as read", middles, Histogram(residues.BBefore), 0)],
                },
                isRefined ? "How many residues have which B-factor." : "How many residues have which B-factor; they were not refined.");
            Chains(html, residues, "mean B, Å²", "B-factors along chain", 0, null, isRefined ? [("as read", residues.BBefore), ("refined", residues.BAfter)] : [("as read", residues.BBefore)]);

            double[] Histogram(IReadOnlyList<double> values)
            {
                double[] counts = new double[2 * Bins];
                foreach (double value in values)
                {
                    int bin = Math.Clamp((int)(value / width), 0, Bins - 1);
                    counts[2 * bin]++;
                    counts[(2 * bin) + 1]++;
                }
                return counts;
            }
        });
    }

    /// <summary>The refinement by cycle.</summary>
    public static void Refinement(Html html, RunSummary summary)
    {
        if (summary.Refinement is not RefinementSummary refinement)
            return;
        html.Section("refinement", "Refinement by cycle", () =>
        {
            html.Paragraph(Invariant($"The mean B went from {refinement.MeanBefore:0.0} Å² of the file to {refinement.MeanAfter:0.0} ± {refinement.LevelDeviation:0.0} Å² (one standard deviation of the level). ")
                + (refinement.Converged ? "The refinement converged. " : "The cycles ran out before it converged. ")
                + Invariant($"The model map is made with all B-factors lowered by {refinement.Shift:0.0} Å², so that its sharpest atoms have none: that is what sharpens the map."));
            if (refinement.Cycles.Count == 0)
                return;
            double[] numbers = [.. refinement.Cycles.Select(cycle => (double)cycle.Number)];
            html.Line("<div class=\"pair\">");
            html.Plot(
                new SvgPlot
                {
                    Description = "FSC of map and model by cycle",
                    XLabel = "cycle",
                    YLabel = "FSC average",
                    Series = [new("FSC", numbers, [.. refinement.Cycles.Select(cycle => cycle.FscAverage)], 0)],
                    Width = 400,
                    Height = 250,
                },
                "FSC of map and model within the mask, averaged over all coefficients.");
            html.Plot(
                new SvgPlot
                {
                    Description = "Change of the B-factors by cycle",
                    XLabel = "cycle",
                    YLabel = "rms change of B, Å²",
                    Series = [new("change", numbers, [.. refinement.Cycles.Select(cycle => cycle.Shift)], 1)],
                    IsLogarithmic = true,
                    Width = 400,
                    Height = 250,
                },
                "Root mean square change of the B-factors.");
            html.Line("</div>");
            html.Table(["Cycle", "Target", "FSC average", "Mean B, Å²", "Change, Å²", "Seconds"], refinement.Cycles.Select(cycle => (string[])[
                $"{cycle.Number}", Invariant($"{cycle.Target:0.0}"), Invariant($"{cycle.FscAverage:0.0000}"), Invariant($"{cycle.MeanB:0.0}"), Invariant($"{cycle.Shift:0.00}"), Invariant($"{cycle.Seconds:0.00}")]));
        });
    }

    /// <summary>Radial amplitude profiles.</summary>
    public static void Amplitudes(Html html, RunSummary summary)
    {
        if (summary.Agreement is not AgreementSummary agreement)
            return;
        html.Section("amplitudes", "Amplitudes", () =>
        {
            double[] frequencies = [.. agreement.Frequencies.Skip(1)];
            List<PlotSeries> lines =
            [
                new("input", frequencies, [.. Scaled(agreement.InputAmplitude).Skip(1)], 0),
                new("sharpened", frequencies, [.. agreement.OutputAmplitude.Skip(1)], 1),
            ];
            if (agreement.ReferenceAmplitude is not null)
                lines.Insert(1, new("reference", frequencies, [.. agreement.ReferenceAmplitude.Skip(1)], 2));
            html.Plot(
                new SvgPlot
                {
                    Description = "Radial amplitude profiles of input, reference and output",
                    XLabel = "spatial frequency, 1/Å",
                    YLabel = "amplitude",
                    Series = lines,
                    Marks = [.. Resolution(summary)],
                    IsLogarithmic = true,
                    HasResolutions = true,
                },
                "Root mean square amplitudes within the mask, on a logarithmic scale; those of the input are multiplied by one number, so that it begins as the sharpened map does.");
            if (summary.Scaling is { AmplitudeRatios.Count: > 0 } scaling)
            {
                html.Paragraph("Amplitude of the sharpened map over that of the reference. It should be 1 where the map stands well above its noise; towards the resolution it falls where noise is held back:");
                html.Table(["At, Å", .. scaling.AmplitudeRatios.Select(ratio => Invariant($"{ratio.Angstrom:0.##}"))], [["ratio", .. scaling.AmplitudeRatios.Select(ratio => Invariant($"{ratio.Ratio:0.00}"))]]);
            }
        });

        IEnumerable<double> Scaled(IReadOnlyList<double> input)
        {
            double factor = Low(agreement.OutputAmplitude) / Low(input);
            return input.Select(value => value * factor);
        }

        static double Low(IReadOnlyList<double> profile) => Math.Max(double.Epsilon, profile.Skip(1).Take(4).Sum());
    }

    /// <summary>Map and model before and after.</summary>
    public static void Agreement(Html html, RunSummary summary)
    {
        if (summary.Agreement?.FscBefore is null && summary.Residues is null)
            return;
        html.Section("agreement", "Map and model", () =>
        {
            if (summary.Agreement is { FscBefore: not null, FscAfter: not null } fsc)
            {
                // The mean of a map is no matter of correlation.
                double[] frequencies = [.. fsc.Frequencies.Skip(1)], before = [.. fsc.FscBefore.Skip(1)], after = [.. fsc.FscAfter.Skip(1)];
                html.Plot(
                    new SvgPlot
                    {
                        Description = "Fourier shell correlation of map and model map before and after",
                        XLabel = "spatial frequency, 1/Å",
                        YLabel = "FSC",
                        Series = [new("before", frequencies, before, 0), new("sharpened", frequencies, after, 1)],
                        Marks = [new PlotMark(0.5, "0.5"), .. Resolution(summary)],
                        YFrom = Math.Min(-0.1, before.Concat(after).Min()),
                        YTo = 1.05,
                        HasResolutions = true,
                    },
                    "Fourier shell correlation of the map and the model map within the mask, whose edge fades over 5 Å inwards; not corrected for the mask. The model map has been made to fit the map, and the sharpened map has its amplitudes: this is no validation of the model.");
            }
            if (summary.Residues is ResidueSummary residues && residues.CorrelationAfter.Any(value => value is not null))
            {
                Chains(
                    html, residues, "correlation", "Correlation along chain", null, 1.02,
                    [("before", Values(residues.CorrelationBefore)), ("sharpened", Values(residues.CorrelationAfter))]);
            }
        });

        static double[] Values(IReadOnlyList<double?> values) => [.. values.Select(value => value ?? double.NaN)];
    }

    /// <summary>Density without atoms.</summary>
    public static void Unmodelled(Html html, RunSummary summary)
    {
        if (summary.Unmodelled is not UnmodelledSummary unmodelled)
            return;
        html.Section("unmodelled", "Density without atoms", () =>
        {
            html.Paragraph(unmodelled.Volume == 0
                ? "None was found."
                : Invariant($"{unmodelled.Volume:N0} Å³, {100 * unmodelled.Share:0.##} % of the density, has no atoms within {unmodelled.Reach:0.#} Å. The largest pieces:"));
            if (unmodelled.Pieces.Count > 0)
            {
                html.Table(["Volume, Å³", "Centre, Å", "Nearest chain", "Distance, Å"], unmodelled.Pieces.Select(piece => (string[])[
                    Invariant($"{piece.Volume:N0}"), Invariant($"({piece.Centre[0]:0}, {piece.Centre[1]:0}, {piece.Centre[2]:0})"), piece.NearestChain, Invariant($"{piece.Distance:0}")]));
            }
        });
    }

    /// <summary>Time, memory and load.</summary>
    public static void Resources(Html html, RunSummary summary) => html.Section("resources", "Time, memory and load", () =>
    {
        html.Paragraph(Invariant($"{summary.Seconds:0.0} s until this report was written."));
        double longest = Math.Max(summary.Stages.Select(stage => stage.Seconds).DefaultIfEmpty(0).Max(), 1e-3);
        html.Line("<div class=\"wide\"><table class=\"bars\"><thead><tr><th>Stage</th><th>Seconds</th><th></th></tr></thead><tbody>");
        foreach (StageSummary stage in summary.Stages)
            html.Line(Invariant($"<tr><td>{Html.Text(stage.Name)}</td><td class=\"number\">{stage.Seconds:0.0}</td><td class=\"bar\"><span style=\"width:{100 * stage.Seconds / longest:0.#}%\"></span></td></tr>"));
        html.Line("</tbody></table></div>");
        html.Table(["Rank", "Host", "Threads", "Cores", "Processor", "Bricks", "Peak memory"], summary.Ranks.Select(rank => (string[])[
            $"{rank.Rank}", rank.Host, $"{rank.Threads}", $"{rank.Cores}", rank.Processor, $"{rank.Bricks}", rank.PeakMemory is long bytes ? Invariant($"{bytes / 1e6:N0} MB") : ""]));
    });

    /// <summary>All settings, and the files.</summary>
    public static void Settings(Html html, RunSummary summary) => html.Section("settings", "Settings and files", () =>
    {
        html.Line("<details><summary>All flags that have a value</summary>");
        html.Table(["Flag", "Value"], summary.Options.Select(option => (string[])["--" + option.Key, option.Value]));
        html.Line("</details>");
        html.Line("<p>The run wrote:</p><ul class=\"files\">");
        foreach (string path in summary.Outputs)
            html.Line($"<li>{Html.Text(path)}</li>");
        html.Line("</ul>");
        ProgramVersions versions = summary.Program;
        html.Paragraph($"{versions.Name} {versions.Version}, {versions.Runtime}, FFTW {versions.Fftw}, MPI: {versions.Mpi}. All figures of this report are also in the file beside it whose name ends in _summary.json.");
    });

    private static void Chains(
        Html html, ResidueSummary residues, string label, string title, double? from, double? to,
        IReadOnlyList<(string Name, IReadOnlyList<double> Values)> lines)
    {
        var chains = Enumerable.Range(0, residues.Chain.Count)
            .Where(i => lines.Any(line => double.IsFinite(line.Values[i])))
            .GroupBy(i => residues.Chain[i]).Where(chain => chain.Count() > 1).ToArray();
        html.Line("<div class=\"pair\">");
        foreach (IGrouping<string, int> chain in chains.Take(MostChains))
        {
            int[] places = [.. chain];
            bool isNumbered = places.All(i => residues.Number[i] is not null)
                && places.Zip(places.Skip(1)).All(pair => residues.Number[pair.First] < residues.Number[pair.Second]);
            double[] x = [.. places.Select((i, n) => isNumbered ? (double)residues.Number[i]! : n + 1)];
            string name = $"{title} {(chain.Key.Length > 0 ? chain.Key : "without a name")}";
            html.Plot(
                new SvgPlot
                {
                    Description = name,
                    XLabel = isNumbered ? "residue" : "residue in the order of the file",
                    YLabel = label,
                    Series = [.. lines.Select((line, style) => new PlotSeries(line.Name, x, [.. places.Select(i => line.Values[i])], style))],
                    YFrom = from,
                    YTo = to,
                    Width = chains.Length == 1 ? 640 : 400,
                    Height = 220,
                    LineWidth = 1.3,
                },
                name + ".");
        }
        html.Line("</div>");
        if (chains.Length > MostChains)
            html.Paragraph($"{chains.Length - MostChains} more chains are in the summary.");
    }

    [GeneratedRegex(@"(?<= )--?[A-Za-z]\w*")]
    private static partial Regex Flag();

    private static string WithinMask(double angstrom, RunSummary summary) => summary.Map is MapSummary map && angstrom <= 2.0001 * map.VoxelSize
        ? Invariant($" Within the mask {angstrom:0.00} Å, the finest detail that the voxels hold: up to there the curve, corrected by phase randomisation, does not fall below 0.143.")
        : Invariant($" Within the mask {angstrom:0.00} Å, corrected by phase randomisation.");

    private static IEnumerable<PlotMark> ResolutionWithinMask(RunSummary summary) => summary.Resolution?.WithinMask is double within
        ? [new PlotMark(1 / within, Invariant($"within the mask {within:0.00} Å"), IsUpright: true)] : [];

    private static IEnumerable<PlotMark> Resolution(RunSummary summary) => summary.Resolution is ResolutionSummary resolution
        ? [new PlotMark(1 / resolution.Angstrom, Invariant($"{resolution.Angstrom:0.00} Å"), IsUpright: true)] : [];
}
