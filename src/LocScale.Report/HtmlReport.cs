using System.Globalization;
using System.Net;
using System.Reflection;
using static System.FormattableString;

namespace LocScale.Report;

/// <summary>
/// The report of a run: one HTML file that holds all it shows and asks nothing of any other place, which its content security
/// policy makes sure of. What the figures are is said in <see cref="RunSummary"/>.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="summary">The figures.</param>
    /// <param name="pictures">The pictures.</param>
    public static void Write(TextWriter writer, RunSummary summary, ReportPictures pictures)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(pictures);
        Html html = new(writer);
        string name = Path.GetFileName(summary.Options.GetValueOrDefault("outfile") ?? "map");
        writer.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:">
            <title>{Html.Text(name)}: report of a local sharpening</title>
            <style>
            {Resource("report.css")}
            </style>
            </head>
            <body>
            <main>

            """);
        html.Line($"<header><p class=\"kind\">Local amplitude scaling</p><h1>{Html.Text(name)}</h1>");
        html.Line($"<p class=\"faint\">{summary.Program.Name} {Html.Text(summary.Program.Version)}, {summary.Started.ToString("d MMMM yyyy, HH:mm", CultureInfo.InvariantCulture)} UTC</p></header>");
        KeyFigures(html, summary);
        Warnings(html, summary);
        ReportSections.Inputs(html, summary);
        if (pictures.Scene is string scene)
            html.Section("view", "Before and after", () => writer.Write(scene));
        ReportSections.Slices(html, pictures);
        ReportSections.HalfMaps(html, summary);
        ReportSections.RawMaps(html, summary);
        ReportSections.Mask(html, summary);
        ReportSections.BFactors(html, summary);
        ReportSections.Refinement(html, summary);
        ReportSections.Amplitudes(html, summary);
        ReportSections.Agreement(html, summary);
        ReportSections.Unmodelled(html, summary);
        ReportSections.Resources(html, summary);
        ReportSections.Settings(html, summary);
        html.Line("</main>\n</body>\n</html>");
    }

    /// <summary>A file that is part of the program.</summary>
    internal static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static void KeyFigures(Html html, RunSummary summary)
    {
        html.Line("<dl class=\"key\">");
        if (summary.Resolution is ResolutionSummary resolution)
            Figure("Resolution", Invariant($"{resolution.Angstrom:0.00} Å"), resolution.WithinMask is double within ? Invariant($"{within:0.00} Å within the mask") : "");
        if (summary.Mask is MaskSummary mask)
            Figure("Voxels sharpened", Invariant($"{mask.Voxels:N0}"), Invariant($"{100 * mask.ShareOfBox:0.#} % of the box"));
        if (summary.Mask?.ModelCovered is double covered)
            Figure("Model covered", Invariant($"{100 * covered:0.#} %"), "of the atoms");
        if (summary.Refinement is RefinementSummary refinement)
            Figure("Mean B", Invariant($"{refinement.MeanAfter:0} Å²"), Invariant($"± {refinement.LevelDeviation:0} Å², {refinement.MeanBefore:0} Å² before"));
        if (Mean(summary.Residues?.CorrelationAfter) is double after && Mean(summary.Residues?.CorrelationBefore) is double before)
            Figure("Residue correlation", Invariant($"{after:0.00}"), Invariant($"{before:0.00} before sharpening"));
        Figure("Warnings", $"{summary.Warnings.Count}", summary.Warnings.Count > 0 ? "see below" : "none");
        html.Line("</dl>");

        void Figure(string name, string value, string beside) =>
            html.Line($"<div><dt>{name}</dt><dd>{Html.Text(value)}<small>{Html.Text(beside)}</small></dd></div>");
    }

    private static double? Mean(IReadOnlyList<double?>? values) => values?.Where(value => value is not null).Average();

    private static void Warnings(Html html, RunSummary summary)
    {
        if (summary.Warnings.Count == 0)
            return;
        html.Section("warnings", "What to look at", () =>
        {
            html.Line("<ul class=\"warnings\">");
            foreach (WarningSummary warning in summary.Warnings)
            {
                int remedy = warning.Text.LastIndexOfAny([':', ';']);
                string text = remedy > 0 && remedy < warning.Text.Length - 2 && char.IsLower(warning.Text[remedy + 2])
                    ? $"{Html.Text(warning.Text[..(remedy + 1)])} <strong>{Html.Text(warning.Text[(remedy + 2)..])}</strong>"
                    : Html.Text(warning.Text);
                html.Line($"<li>{text}{(warning.Stage.Length > 0 ? $" <span class=\"faint\">({Html.Text(warning.Stage)})</span>" : "")}</li>");
            }
            html.Line("</ul>");
        });
    }
}

/// <summary>HTML as it is written: headings, tables, figures.</summary>
/// <param name="writer">Where to.</param>
internal sealed class Html(TextWriter writer)
{
    /// <summary>Text that may hold any character.</summary>
    public static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>Markup, as it is.</summary>
    public void Line(string markup) => writer.WriteLine(markup);

    /// <summary>A paragraph of plain text.</summary>
    public void Paragraph(string text) => Line($"<p>{Text(text)}</p>");

    /// <summary>A section with its heading.</summary>
    public void Section(string id, string heading, Action content)
    {
        Line($"<section id=\"{id}\"><h2>{Text(heading)}</h2>");
        content();
        Line("</section>");
    }

    /// <summary>A plot with its legend and what there is to say of it.</summary>
    public void Plot(SvgPlot plot, string caption) =>
        Line($"<figure>{plot.Svg()}{(plot.Series.Count > 1 ? plot.Legend() : "")}<figcaption>{Text(caption)}</figcaption></figure>");

    /// <summary>A table of plain text; numbers stand to the right.</summary>
    public void Table(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line($"<div class=\"wide\"><table><thead><tr>{string.Concat(heads.Select(head => $"<th>{Text(head)}</th>"))}</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in rows)
            Line($"<tr>{string.Concat(row.Select(cell => $"<td{(IsNumber(cell) ? " class=\"number\"" : "")}>{Text(cell)}</td>"))}</tr>");
        Line("</tbody></table></div>");
    }

    private static bool IsNumber(string cell) => cell.Length > 0 && cell.All(c => char.IsDigit(c) || ".,-−+ %()".Contains(c, StringComparison.Ordinal));
}

/// <summary>Slices of one map in the three planes.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Pngs">Across z, y and x.</param>
/// <param name="Legend">What the shades mean; null where lighter is denser.</param>
public sealed record SliceRow(string Name, IReadOnlyList<byte[]> Pngs, string? Legend = null);

/// <summary>What a report shows beside the figures of the summary.</summary>
/// <param name="Planes">The three planes of the slices.</param>
/// <param name="Slices">The maps in them.</param>
/// <param name="VoxelSize">Edge of the voxel, Å.</param>
/// <param name="Scene">What the 3-D view shows, as HTML; null where there is none.</param>
public sealed record ReportPictures(
    IReadOnlyList<SlicePlane> Planes, IReadOnlyList<SliceRow> Slices, double VoxelSize, string? Scene);
