using System.Globalization;
using LocScale.Tests;

namespace LocScale.Maps.Tests.HalfMaps;

/// <summary>The columns of a curve that relion_postprocess wrote.</summary>
internal sealed class RelionCurve
{
    private readonly string[] names;
    private readonly double[][] rows;

    public RelionCurve(string relativePath)
    {
        string[] lines = File.ReadAllLines(SharedData.Path(relativePath));
        names = lines[0].Split(',');
        rows = [.. lines.Skip(1).Select(line => line.Split(',').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
    }

    public double[] Column(string name)
    {
        int column = Array.IndexOf(names, name);
        Assert.That(column, Is.GreaterThanOrEqualTo(0), name);
        return [.. rows.Select(row => row[column])];
    }
}
