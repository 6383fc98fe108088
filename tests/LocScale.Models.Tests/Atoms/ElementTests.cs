using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;
using LocScale.Models.Tests.Files;

namespace LocScale.Models.Tests.Atoms;

public class ElementTests
{
    [TestCase("C", 6)]
    [TestCase("fe", 26)]
    [TestCase("ZN", 30)]
    [TestCase("Og", 118)]
    [TestCase("D", 1)]
    [TestCase("X", 0)]
    [TestCase("Xx", 0)]
    [TestCase("", 0)]
    [TestCase("C1", 0)]
    public void A_symbol_in_any_case_is_its_element(string symbol, int atomicNumber) =>
        Assert.That(Element.FromSymbol(symbol).AtomicNumber, Is.EqualTo(atomicNumber));

    [Test]
    public void Every_element_is_found_by_its_own_symbol_and_by_no_other()
    {
        List<Element> elements = [.. Elements.All()];
        foreach (Element element in elements)
            Assert.That(Element.FromSymbol(element.Symbol), Is.EqualTo(element));
        // The isotope D stands beside H.
        Assert.That(
            elements.Select(element => element.AtomicNumber).Order(), Is.EqualTo(Enumerable.Range(1, 118).Prepend(1)));
    }

    [Test]
    public void Deuterium_is_hydrogen_but_not_the_same()
    {
        Assert.That(Element.Deuterium, Is.Not.EqualTo(Element.Hydrogen));
        Assert.That(Element.Deuterium.IsHydrogen);
        Assert.That(Element.Deuterium.Symbol, Is.EqualTo("D"));
    }

    [TestCase(" CA ", "ALA", "C")]
    [TestCase("CA  ", "ALA", "C")]
    [TestCase("CA  ", " CA", "Ca")]
    [TestCase(" CA ", " CA", "Ca")]
    [TestCase("HG  ", " HG", "Hg")]
    [TestCase(" HG ", "SER", "H")]
    [TestCase("HG  ", "CYS", "H")]
    [TestCase("HG  ", "MMC", "Hg")]
    [TestCase("HG11", "VAL", "H")]
    [TestCase("1HB ", "ALA", "H")]
    [TestCase("HO2'", "  U", "H")]
    [TestCase("HO5 ", "ATP", "H")]
    [TestCase("HO  ", "HO3", "Ho")]
    [TestCase("ZN  ", " ZN", "Zn")]
    [TestCase("FE  ", "HEM", "Fe")]
    [TestCase(" NA ", "HEM", "N")]
    [TestCase("NA  ", " NA", "Na")]
    [TestCase("SE  ", "MSE", "Se")]
    [TestCase(" SD ", "MET", "S")]
    [TestCase(" D1 ", "DOD", "D")]
    [TestCase("OH2 ", "TIP", "O")]
    [TestCase(" P  ", " DA", "P")]
    [TestCase(" OP1", "  G", "O")]
    [TestCase("CL1 ", "LIG", "Cl")]
    [TestCase("C210", "LIG", "C")]
    [TestCase("1C4A", "LIG", "C")]
    [TestCase(" K  ", "  K", "K")]
    [TestCase(" U  ", "IUM", "U")]
    [TestCase(" MW ", "TP4", "X")]
    [TestCase(" O  ", "DUM", "X")]
    [TestCase(" Q1 ", "LIG", "X")]
    [TestCase("    ", "LIG", "X")]
    public void The_element_follows_from_aligned_name_and_residue(string name, string residue, string symbol)
    {
        AtomicModel model = PdbText.Read(
            $"ATOM      1 {name} {residue} A   1       1.000   2.000   3.000  1.00 20.00\n" + PdbText.Carbon);
        Assert.That(model.Atoms[0].Element.Symbol, Is.EqualTo(symbol));
    }

    [TestCase("CA", "GLY", "C")]
    [TestCase("CA", "CA", "Ca")]
    [TestCase("HG", "SER", "H")]
    [TestCase("FE", "HEM", "Fe")]
    [TestCase("NA", "HEM", "N")]
    [TestCase("CL12", "LIG", "Cl")]
    [TestCase("BR1", "LIG", "Br")]
    [TestCase("ZN", "ZN", "Zn")]
    [TestCase("C1", "LIG", "C")]
    [TestCase("H12", "LIG", "H")]
    public void The_element_follows_from_an_mmcif_name_and_its_residue(string name, string residue, string symbol)
    {
        AtomicModel model = MmCifReader.Read(System.Text.Encoding.ASCII.GetBytes(
            "data_a\nloop_\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n"
            + $"_atom_site.Cartn_z\n{name} {residue} 1 2 3\n"), "a.cif");
        Assert.That(model.Atoms[0].Element.Symbol, Is.EqualTo(symbol));
    }
}

internal static class Elements
{
    /// <summary>Every element that a symbol of one or two letters names.</summary>
    public static IEnumerable<Element> All()
    {
        string[] first = [.. Enumerable.Range('A', 26).Select(letter => $"{(char)letter}")];
        string[] second = [.. Enumerable.Range('a', 26).Select(letter => $"{(char)letter}"), ""];
        return from one in first
               from two in second
               let element = Element.FromSymbol(one + two)
               where element.IsKnown
               select element;
    }
}
