using LocScale.Models.Atoms;

namespace LocScale.Models.Tests.Atoms;

public class ElectronFormFactorTests
{
    /// <summary>
    /// Golden values: gemmi 0.5.7, Element.c4322.calculate_sf at (sin θ/λ)² = s²/4 of 0, 0.01, 0.25 and 1.
    /// </summary>
    [TestCase("C", 2.5088, 2.137935578508912, 0.41358297592318904, 0.11739269284236678)]
    [TestCase("H", 0.5288, 0.45331850982254074, 0.08902690936685934, 0.023772362476410208)]
    [TestCase("Zn", 6.0634, 4.963026837782152, 1.4790251343788539, 0.5416317224812581)]
    [TestCase("U", 19.1164, 14.047089877747126, 3.4951600400730114, 1.347102091527007)]
    [TestCase("S", 5.1604, 4.362665277407642, 0.8605837537708149, 0.2980413862024843)]
    public void A_form_factor_has_the_values_gemmi_computes(string symbol, double f0, double f1, double f2, double f3)
    {
        Assert.That(ElectronFormFactors.TryGet(Element.FromSymbol(symbol), out ElectronFormFactor? factor));
        double[] values = [factor!.At(0), factor.At(0.2), factor.At(1), factor.At(2)];
        Assert.That(values, Is.EqualTo(new[] { f0, f1, f2, f3 }).Within(1e-12));
    }

    [Test]
    public void The_table_has_the_first_98_elements_and_no_others()
    {
        foreach (Element element in Elements.All())
            Assert.That(ElectronFormFactors.Contains(element), Is.EqualTo(element.AtomicNumber <= 98), element.Symbol);
        Assert.That(ElectronFormFactors.Contains(Element.Unknown), Is.False);
    }

    [Test]
    public void Deuterium_scatters_as_hydrogen()
    {
        Assert.That(ElectronFormFactors.TryGet(Element.Deuterium, out ElectronFormFactor? deuterium));
        Assert.That(ElectronFormFactors.TryGet(Element.Hydrogen, out ElectronFormFactor? hydrogen));
        Assert.That(deuterium, Is.SameAs(hydrogen));
    }
}
