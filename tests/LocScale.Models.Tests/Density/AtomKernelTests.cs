using System.Numerics;
using LocScale.Models.Atoms;
using LocScale.Models.Density;

namespace LocScale.Models.Tests.Density;

/// <summary>The tables of an atom against its density written as a sum of Gaussians of the distance.</summary>
public class AtomKernelTests
{
    private const double B = 12, Blur = 3.5, Occupancy = 0.7, Radius = 3.2;

    [Test]
    public void Rows_in_double_precision_are_the_sum_of_Gaussians() => Check<double>("U", 1e-13);

    [Test]
    public void Rows_in_single_precision_are_the_sum_of_Gaussians_to_rounding() => Check<float>("U", 2e-6);

    [Test]
    public void A_kernel_may_tabulate_atoms_of_any_size_one_after_the_other()
    {
        using AtomKernel<double> kernel = new();
        foreach (double radius in new[] { 1.0, 9, 2.5 })
            CheckRows(kernel, "C", radius, 1e-13);
    }

    [Test]
    public void A_range_that_ends_leaves_out_what_lies_beyond()
    {
        GridRange range = GridRange.Within(1, 3, 0.5, 1, 7);
        Assert.That(range, Is.EqualTo(new GridRange(1, 6, -3, 0.5, 5)));
        Assert.That(GridRange.Within(20, 3, 0.5, 1, 7).Count, Is.Zero);
    }

    [Test]
    public void Where_a_part_of_the_grid_begins_does_not_show_in_the_values()
    {
        _ = ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? formFactor);
        using AtomKernel<float> whole = new(), part = new();
        GridRange x = GridRange.Within(200.123, Radius, 0.81, 0, 400), y = GridRange.Within(3.3, Radius, 0.83, 0, 400);
        whole.Tabulate(formFactor!, Occupancy, B, Blur, x, y, GridRange.Within(170.7, Radius, 0.79, 0, 400));
        for (int begin = whole.Z.First; begin < whole.Z.First + whole.Z.Count; begin++)
        {
            part.Tabulate(formFactor!, Occupancy, B, Blur, x, y, GridRange.Within(170.7, Radius, 0.79, begin, begin + 3));
            Assert.That(part.Row(2, 0).At(0), Is.EqualTo(whole.Row(2, begin - whole.Z.First).At(0)));
        }
    }

    private static void Check<T>(string element, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using AtomKernel<T> kernel = new();
        CheckRows(kernel, element, Radius, tolerance);
    }

    private static void CheckRows<T>(AtomKernel<T> kernel, string element, double radius, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        _ = ElectronFormFactors.TryGet(Element.FromSymbol(element), out ElectronFormFactor? formFactor);
        kernel.Tabulate(
            formFactor!, Occupancy, B, Blur, GridRange.Around(4.1, radius, 0.5, 40),
            GridRange.Within(0.9, radius, 0.6, 0, 30), GridRange.Within(8.8, radius, 0.7, 0, 13));
        double centre = Density(formFactor!, 0);
        for (int z = 0; z < kernel.Z.Count; z++)
        {
            for (int y = 0; y < kernel.Y.Count; y++)
            {
                AtomRow<T> row = kernel.Row(y, z);
                for (int x = 0; x < kernel.X.Count; x++)
                {
                    double dx = ((kernel.X.First + x) * 0.5) - 4.1, dy = ((kernel.Y.First + y) * 0.6) - 0.9;
                    double dz = ((kernel.Z.First + z) * 0.7) - 8.8;
                    double expected = Density(formFactor!, (dx * dx) + (dy * dy) + (dz * dz));
                    Assert.That(double.CreateTruncating(row.At(x)[0]), Is.EqualTo(expected).Within(tolerance * centre));
                }
            }
        }
    }

    private static double Density(ElectronFormFactor formFactor, double square)
    {
        double sum = 0;
        for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
        {
            double width = formFactor.Widths[i] + B + Blur;
            sum += formFactor.Amplitudes[i] * Math.Pow(4 * Math.PI / width, 1.5)
                * Math.Exp(-4 * Math.PI * Math.PI * square / width);
        }
        return Occupancy * sum;
    }
}
