using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LocScale.Report.Tests;

public class SvgPlotTests
{
    [TestCase(0, 1)]
    [TestCase(-3, 250_000)]
    [TestCase(0.00013, 0.00017)]
    [TestCase(7, 7)]
    public void Points_and_labels_lie_within_the_picture(double from, double to)
    {
        SvgPlot plot = Plot([from, (from + to) / 2, to], isLogarithmic: false);
        XElement svg = XElement.Parse(plot.Svg());
        foreach (XElement text in svg.Descendants("text"))
        {
            Assert.That(Number(text, "x"), Is.InRange(0, plot.Width), text.Value);
            Assert.That(Number(text, "y"), Is.InRange(8, plot.Height), text.Value);
        }
        double[] places = [.. Places(svg).Select(place => place.Y)];
        Assert.That(places, Has.Length.EqualTo(3).And.All.InRange(10, plot.Height - 40));
        Assert.That(places, Is.Ordered.Descending);
    }

    [Test]
    public void On_a_logarithmic_scale_equal_factors_are_equal_steps_and_zeros_break_the_line()
    {
        XElement svg = XElement.Parse(Plot([1, 10, 100, 0, 1000], isLogarithmic: true).Svg());
        (double X, double Y)[] places = Places(svg);
        Assert.That(places, Has.Length.EqualTo(4));
        Assert.That(places[0].Y - places[1].Y, Is.EqualTo(places[1].Y - places[2].Y).Within(0.2).And.EqualTo(places[2].Y - places[3].Y).Within(0.2));
        Assert.That(svg.Descendants("path").Single().Attribute("d")!.Value.Count(c => c == 'M'), Is.EqualTo(2));
    }

    [Test]
    public void Names_may_hold_any_character()
    {
        SvgPlot plot = Plot([1, 2], isLogarithmic: false) with { Series = [new PlotSeries("a<b & \"c\"", [0, 1], [1, 2], 0)], YLabel = "<&>" };
        Assert.That(XElement.Parse(plot.Svg()).Descendants("text").Select(text => text.Value), Does.Contain("<&>"));
        Assert.That(XElement.Parse(plot.Legend()).Value.Trim(), Is.EqualTo("a<b & \"c\""));
    }

    private static SvgPlot Plot(double[] values, bool isLogarithmic) => new()
    {
        Description = "a test",
        XLabel = "number",
        YLabel = "value",
        Series = [new PlotSeries("line", [.. Enumerable.Range(0, values.Length).Select(i => (double)i)], values, 0)],
        IsLogarithmic = isLogarithmic,
        HasResolutions = true,
        Marks = [new PlotMark(values[0], "mark"), new PlotMark(0.5, "upright", IsUpright: true)],
    };

    private static (double X, double Y)[] Places(XElement svg) =>
        [.. Regex.Matches(svg.Descendants("path").Single().Attribute("d")!.Value, @"[ML]([-\d.]+) ([-\d.]+)").Select(match => (
            double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
