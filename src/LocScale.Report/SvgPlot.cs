using System.Globalization;
using System.Net;
using System.Text;

namespace LocScale.Report;

/// <summary>A line of a plot.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="X">Where its points lie.</param>
/// <param name="Y">Their values; the line breaks where one is not finite.</param>
/// <param name="Style">Which colour and dash it has, from 0.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, int Style);

/// <summary>A line across a plot that the eye compares with.</summary>
/// <param name="Value">Where it lies, on the axis of the values, or of frequencies where it stands upright.</param>
/// <param name="Name">What stands beside it.</param>
/// <param name="IsUpright">Whether it stands upright.</param>
public readonly record struct PlotMark(double Value, string Name, bool IsUpright = false);

/// <summary>
/// A line chart as SVG, made to be read in print and by the colour-blind: the colours of Okabe and Ito (2008, Color Universal
/// Design), and a dash of its own for each line. The legend is no part of it.
/// </summary>
public sealed record SvgPlot
{
    private const double Left = 62, Right = 18, Bottom = 46;

    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"];
    private static readonly string[] Dashes = ["", "7 4", "2 3", "9 3 2 3", "4 2", "1 2"];
    private static readonly double[] Steps = [1, 2, 2.5, 5, 10];

    /// <summary>What it shows, for those who cannot see it.</summary>
    public required string Description { get; init; }

    /// <summary>What the horizontal axis is.</summary>
    public required string XLabel { get; init; }

    /// <summary>What the vertical axis is.</summary>
    public required string YLabel { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<PlotSeries> Series { get; init; }

    /// <summary>Lines across.</summary>
    public IReadOnlyList<PlotMark> Marks { get; init; } = [];

    /// <summary>The least value shown; null for that of the lines.</summary>
    public double? YFrom { get; init; }

    /// <summary>The largest value shown; null for that of the lines.</summary>
    public double? YTo { get; init; }

    /// <summary>Whether the values stand on a logarithmic scale.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Whether the horizontal axis is a frequency, 1/Å, over which the resolution stands in Å.</summary>
    public bool HasResolutions { get; init; }

    /// <summary>Width of the picture, in its own units.</summary>
    public double Width { get; init; } = 640;

    /// <summary>Height of the picture, in its own units.</summary>
    public double Height { get; init; } = 330;

    /// <summary>How thick its lines are.</summary>
    public double LineWidth { get; init; } = 2;

    private double Top => HasResolutions ? 40 : 16;

    /// <summary>The legend, as HTML.</summary>
    public string Legend()
    {
        StringBuilder html = new("<ul class=\"legend\">");
        foreach (PlotSeries series in Series)
            html.Append(CultureInfo.InvariantCulture, $"<li><svg width=\"34\" height=\"10\" aria-hidden=\"true\"><line x1=\"1\" y1=\"5\" x2=\"33\" y2=\"5\" {Stroke(series.Style, 2)}/></svg> {WebUtility.HtmlEncode(series.Name)}</li>");
        return html.Append("</ul>").ToString();
    }

    /// <summary>The picture.</summary>
    public string Svg()
    {
        (double xFrom, double xTo) = Range(Series.SelectMany(series => series.X));
        (double yFrom, double yTo) = YRange();
        double plotWidth = Width - Left - Right, plotHeight = Height - Top - Bottom;
        StringBuilder svg = new();
        Put($"<svg class=\"plot\" style=\"max-width:{1.15 * Width}px\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(Description)}\"><title>{WebUtility.HtmlEncode(Description)}</title>");
        Put($"<rect class=\"frame\" x=\"{Left}\" y=\"{Top}\" width=\"{plotWidth}\" height=\"{plotHeight}\"/>");
        foreach (double tick in Ticks(xFrom, xTo, (int)(plotWidth / 80)))
        {
            Put($"<line class=\"grid\" x1=\"{X(tick):0.#}\" y1=\"{Top}\" x2=\"{X(tick):0.#}\" y2=\"{Top + plotHeight}\"/>");
            Put($"<text x=\"{X(tick):0.#}\" y=\"{Top + plotHeight + 17}\" text-anchor=\"middle\">{Number(tick)}</text>");
            if (HasResolutions && tick > 0)
                Put($"<text class=\"faint\" x=\"{X(tick):0.#}\" y=\"{Top - 7}\" text-anchor=\"middle\">{1 / tick:0.0}</text>");
        }
        if (HasResolutions)
            Put($"<text class=\"faint\" x=\"{Left}\" y=\"{Top - 23}\">resolution, Å</text>");
        foreach (double tick in IsLogarithmic ? Decades(yFrom, yTo) : Ticks(yFrom, yTo, (int)(plotHeight / 35)))
        {
            Put($"<line class=\"grid\" x1=\"{Left}\" y1=\"{Y(tick):0.#}\" x2=\"{Left + plotWidth}\" y2=\"{Y(tick):0.#}\"/>");
            Put($"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{(IsLogarithmic ? Power(tick) : Number(tick))}</text>");
        }
        foreach (PlotSeries series in Series)
            Put($"<path class=\"line\" d=\"{Path(series)}\" {Stroke(series.Style, LineWidth)}/>");
        // Above the lines, which would make their names unreadable.
        int upright = 0;
        foreach (PlotMark mark in Marks)
            PutMark(mark);
        Put($"<text x=\"{Left + (plotWidth / 2):0.#}\" y=\"{Height - 8}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(XLabel)}</text>");
        double middle = Top + (plotHeight / 2);
        Put($"<text x=\"14\" y=\"{middle:0.#}\" text-anchor=\"middle\" transform=\"rotate(-90 14 {middle:0.#})\">{WebUtility.HtmlEncode(YLabel)}</text>");
        return svg.Append("</svg>").ToString();

        void Put(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));

        double X(double x) => Left + (plotWidth * (x - xFrom) / (xTo - xFrom));

        double Y(double y) => Top + (plotHeight * (1 - ((Scaled(y) - Scaled(yFrom)) / (Scaled(yTo) - Scaled(yFrom)))));

        void PutMark(PlotMark mark)
        {
            if (mark.IsUpright ? mark.Value < xFrom || mark.Value > xTo : mark.Value < yFrom || mark.Value > yTo)
                return;
            if (mark.IsUpright)
            {
                bool isLeft = X(mark.Value) < Left + (plotWidth / 2);
                Put($"<line class=\"mark\" x1=\"{X(mark.Value):0.#}\" y1=\"{Top}\" x2=\"{X(mark.Value):0.#}\" y2=\"{Top + plotHeight}\"/>");
                Put($"<text class=\"faint halo\" x=\"{X(mark.Value) + (isLeft ? 5 : -5):0.#}\" y=\"{Top + (14 * ++upright)}\" text-anchor=\"{(isLeft ? "start" : "end")}\">{WebUtility.HtmlEncode(mark.Name)}</text>");
                return;
            }
            Put($"<line class=\"mark\" x1=\"{Left}\" y1=\"{Y(mark.Value):0.#}\" x2=\"{Left + plotWidth}\" y2=\"{Y(mark.Value):0.#}\"/>");
            Put($"<text class=\"faint halo\" x=\"{Left + plotWidth - 4}\" y=\"{Y(mark.Value) - 4:0.#}\" text-anchor=\"end\">{WebUtility.HtmlEncode(mark.Name)}</text>");
        }

        string Path(PlotSeries series)
        {
            StringBuilder path = new();
            bool isDown = false;
            for (int i = 0; i < series.X.Count; i++)
            {
                double value = series.Y[i];
                bool isShown = double.IsFinite(value) && (!IsLogarithmic || value > 0);
                if (isShown)
                    path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(series.X[i]):0.#} {Math.Clamp(Y(value), Top, Top + plotHeight):0.#}");
                isDown = isShown;
            }
            return path.ToString();
        }
    }

    private static string Stroke(int style, double width) => FormattableString.Invariant(
        $"stroke=\"{Colours[style % Colours.Length]}\" stroke-width=\"{width}\" fill=\"none\" stroke-dasharray=\"{Dashes[style % Dashes.Length]}\"");

    private (double From, double To) YRange()
    {
        IEnumerable<double> shown = Series.SelectMany(series => series.Y).Where(y => double.IsFinite(y) && (!IsLogarithmic || y > 0));
        (double from, double to) = Range(shown);
        if (IsLogarithmic)
        {
            from = Math.Max(from, to / 1e8);
            return (Math.Pow(10, Math.Floor(Math.Log10(from))), Math.Pow(10, Math.Ceiling(Math.Log10(to) + 1e-9)));
        }
        double room = 0.04 * (to - from);
        return (YFrom ?? from - room, YTo ?? to + room);
    }

    private static (double From, double To) Range(IEnumerable<double> values)
    {
        double from = double.PositiveInfinity, to = double.NegativeInfinity;
        foreach (double value in values.Where(double.IsFinite))
            (from, to) = (Math.Min(from, value), Math.Max(to, value));
        return from > to ? (0, 1) : from < to ? (from, to) : (from - Math.Max(1e-3, Math.Abs(from) / 2), to + Math.Max(1e-3, Math.Abs(to) / 2));
    }

    private double Scaled(double y) => IsLogarithmic ? Math.Log10(y) : y;

    private static IEnumerable<double> Ticks(double from, double to, int about)
    {
        double raw = (to - from) / Math.Max(1, about), power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * Steps.First(s => s * power >= raw * (1 - 1e-9));
        for (double i = Math.Ceiling((from / step) - 1e-9); i * step <= to + (1e-9 * step); i++)
            yield return i * step;
    }

    private static IEnumerable<double> Decades(double from, double to)
    {
        int first = (int)Math.Round(Math.Log10(from)), last = (int)Math.Round(Math.Log10(to)), step = Math.Max(1, (last - first) / 6);
        for (int power = first; power <= last; power += step)
            yield return Math.Pow(10, power);
    }

    private static string Number(double value) => value == 0 ? "0" : Math.Abs(value) >= 1e5
        ? value.ToString("0.#e0", CultureInfo.InvariantCulture)
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Power(double value)
    {
        int power = (int)Math.Round(Math.Log10(value));
        return power is >= -2 and <= 3 ? Number(value) : FormattableString.Invariant($"10<tspan dy=\"-5\" font-size=\"9\">{power}</tspan>");
    }
}
