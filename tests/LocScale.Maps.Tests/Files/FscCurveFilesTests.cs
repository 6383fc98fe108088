using System.Globalization;
using System.Xml.Linq;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;

namespace LocScale.Maps.Tests.Files;

public class FscCurveFilesTests
{
    private static readonly FscCurve Curve = new([0, 0.125, 0.25], [1, 0.5, -0.01]);

    [Test]
    public void The_xml_holds_the_curve_as_emdb_wants_it()
    {
        using StringWriter writer = new();
        FscCurveFiles.WriteXml(writer, Curve, "a < b & \"c\"");
        XElement root = XDocument.Parse(writer.ToString()).Root!;
        Assert.That(root.Name.LocalName, Is.EqualTo("fsc"));
        Assert.That(root.Attribute("title")!.Value, Is.EqualTo("a < b & \"c\""));
        Assert.That(root.Attribute("xaxis")!.Value, Is.EqualTo("Resolution (A-1)"));
        Assert.That(root.Attribute("yaxis")!.Value, Is.EqualTo("Correlation Coefficient"));
        Assert.That(root.Elements("coordinate").Select(c => Number(c.Element("x")!.Value)), Is.EqualTo(Curve.Frequencies));
        Assert.That(root.Elements("coordinate").Select(c => Number(c.Element("y")!.Value)), Is.EqualTo(Curve.Correlations));
    }

    [Test]
    public void The_table_has_a_column_for_every_curve()
    {
        using StringWriter writer = new();
        MaskedFsc masking = new(Curve, Curve with { Correlations = [1, 0.1, 0] }, Curve with { Correlations = [1, 0.4, 0] }, 1);
        FscCurveFiles.WriteCsv(writer, new HalfMapFsc(Curve, masking, new FscResolution(4.4, true)));
        Assert.That(writer.ToString().TrimEnd().Split('\n'), Is.EqualTo(new[]
        {
            "shell,frequency_in_inverse_angstrom,resolution_in_angstrom,unmasked,masked,phase_randomised,corrected",
            "0,0.000000,,1.000000,1.000000,1.000000,1.000000",
            "1,0.125000,8.000000,0.500000,0.500000,0.100000,0.400000",
            "2,0.250000,4.000000,-0.010000,-0.010000,0.000000,0.000000",
        }));
    }

    [Test]
    public void Without_a_mask_the_table_has_the_unmasked_curve_alone()
    {
        using StringWriter writer = new();
        FscCurveFiles.WriteCsv(writer, new HalfMapFsc(Curve, null, new FscResolution(4.4, true)));
        Assert.That(writer.ToString().Split('\n')[1], Is.EqualTo("0,0.000000,,1.000000"));
    }

    [Test]
    public void The_star_file_is_that_of_RELIONs_post_processing()
    {
        using StringWriter writer = new();
        MaskedFsc masking = new(Curve, Curve with { Correlations = [1, 0.1, 0] }, Curve with { Correlations = [1, 0.4, 0] }, 1);
        FscCurveFiles.WriteStar(
            writer, new HalfMapFsc(Curve, masking, new FscResolution(4.4, true)), "half 1.mrc", "half2.mrc", "mask.mrc");
        Assert.That(writer.ToString(), Is.EqualTo("""

            # version 30001

            data_general

            _rlnFinalResolution                          4.400000
            _rlnUnfilteredMapHalf1                       "half 1.mrc"
            _rlnUnfilteredMapHalf2                       half2.mrc
            _rlnMaskName                                 mask.mrc
            _rlnRandomiseFrom                            8.000000


            # version 30001

            data_fsc

            loop_
            _rlnSpectralIndex #1
            _rlnResolution #2
            _rlnAngstromResolution #3
            _rlnFourierShellCorrelationCorrected #4
            _rlnFourierShellCorrelationUnmaskedMaps #5
            _rlnFourierShellCorrelationMaskedMaps #6
            _rlnCorrectedFourierShellCorrelationPhaseRandomizedMaskedMaps #7
                       0     0.001001   999.000000     1.000000     1.000000     1.000000     1.000000
                       1     0.125000     8.000000     0.400000     0.500000     0.500000     0.100000
                       2     0.250000     4.000000     0.000000    -0.010000    -0.010000     0.000000


            """));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
