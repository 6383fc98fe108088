using LocScale.Models.Atoms;
using LocScale.Models.Files;

namespace LocScale.Models.Tests.Files;

/// <summary>Real files against what gemmi 0.5.7 reads from them: counts, elements and sums over all atoms.</summary>
public class PublishedModelTests
{
    /// <summary>
    /// Counts are exact. Sums of coordinates, occupancies and B agree to the digits gemmi's are given with (gemmi
    /// keeps B
    /// and occupancy in single precision). The weighted sum of U is U11 + 2 U22 + 3 U33 + 4 U12 + 5 U13 + 6 U23.
    /// </summary>
    [TestCase("data/odd/models/1lzh.pdb.gz", 258, 1705.541, 2929.339, 2085.596, 258.0, 0.0, 0, 0.0, 0, "C258")]
    [TestCase("data/odd/models/1pfe.cif.gz", 342, -2036.857, 5617.092, 1249.735, 303.0, 5409.54, 342, 382.2685, 50, "C140 Cl1 N45 O144 P8 S4")]
    [TestCase("data/odd/models/1yjp.pdb", 66, 96.078, 141.21, 345.449, 66.0, 967.98, 0, 0.0, 0, "C33 N12 O21")]
    [TestCase("data/odd/models/2ERL.pdb", 638, 3780.297, -144.131, 7140.569, 597.49, 12066.97, 638, 880.2866, 81, "C196 H292 N46 O96 S8")]
    [TestCase("data/odd/models/4oz7.pdb", 181, -5582.678, -2389.362, -69.515, 180.5, 4604.79, 0, 0.0, 0, "C88 Cu2 N26 O57 S8")]
    [TestCase("data/odd/models/5i55.cif", 218, 3398.593, 1080.735, 4443.506, 209.0, 3768.16, 0, 0.0, 18, "C141 N30 O46 Se1")]
    [TestCase("data/odd/models/big_cube_model.pdb", 1367, 82868.04, 86742.836, 80916.817, 1367.0, 0.0, 0, 0.0, 0, "C869 N237 O252 S9")]
    [TestCase("data/odd/models/rnase_frag.pdb", 381, 13430.925, 5792.937, 5042.025, 381.0, 7145.07, 0, 0.0, 0, "C220 N52 O104 S5")]
    [TestCase("data/vp6/model.pdb", 3173, 180467.822, 173059.153, 190493.497, 3159.0, 86467.22, 0, 0.0, 28, "C2010 N549 O599 S15")]
    [TestCase("data/tmv/6i5a_box_complete.pdb", 2393, 64473.392, 77070.053, 59041.439, 1207.0, 106267.77, 0, 0.0, 0, "C759 H1186 N210 O237 S1")]
    [TestCase("data/actin/3MFP.pdb", 2882, -30158.118, 35447.836, -153439.837, 2882.0, 52566.64, 0, 0.0, 0, "C1824 N486 O552 S20")]
    [TestCase("data/integrin/390_7cec_A.cif", 4308, 817949.423, 705870.804, 668988.202, 4308.0, 626921.1, 0, 0.0, 0, "C2710 N754 O826 S18")]
    [TestCase("reference/adp_small/start.pdb", 740, 23958.693, 26790.173, 24393.89, 740.0, 29600.0, 0, 0.0, 0, "C458 N128 O146 S8")]
    [TestCase("reference/adp_128/start.pdb", 5469, 368344.768, 365724.706, 347421.991, 5469.0, 218760.0, 0, 0.0, 0, "C3405 N956 O1063 S45")]
    [TestCase("reference/synthetic_96/model.pdb", 5469, 335771.404, 329344.918, 313273.555, 5469.0, 329999.74, 0, 0.0, 0, "C3405 N956 O1063 S45")]
    public void A_published_model_reads_as_gemmi_reads_it(
        string file, int count, double x, double y, double z, double occupancy, double b, int tensors, double u,
        int alternates, string formula)
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path(file));

        Assert.Multiple(() =>
        {
            Assert.That(model.Atoms, Has.Length.EqualTo(count));
            Assert.That(model.Atoms.Sum(a => a.Position.X), Is.EqualTo(x).Within(6e-4));
            Assert.That(model.Atoms.Sum(a => a.Position.Y), Is.EqualTo(y).Within(6e-4));
            Assert.That(model.Atoms.Sum(a => a.Position.Z), Is.EqualTo(z).Within(6e-4));
            Assert.That(model.Atoms.Sum(a => a.Occupancy), Is.EqualTo(occupancy).Within(6e-3));
            Assert.That(model.Atoms.Sum(a => a.BIso), Is.EqualTo(b).Within(1e-2));
            Assert.That(model.Anisotropic, Has.Length.EqualTo(tensors));
            Assert.That(
                model.Anisotropic.Sum(t => t.U11 + 2 * t.U22 + 3 * t.U33 + 4 * t.U12 + 5 * t.U13 + 6 * t.U23),
                Is.EqualTo(u).Within(1e-3));
            Assert.That(model.Atoms.Count(a => a.AltLoc != '\0'), Is.EqualTo(alternates));
            Assert.That(FormulaOf(model), Is.EqualTo(formula));
            Assert.That(model.Warnings, Is.Empty);
        });
    }

    [Test]
    public void An_old_file_without_element_columns_reads_as_its_lines_say()
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path("data/odd/models/pdb1gdr.ent"));
        Assert.That(model.Atoms, Has.Length.EqualTo(105));
        Assert.That(FormulaOf(model), Is.EqualTo("C105"));
        Assert.That(model.Atoms[0].Position, Is.EqualTo(new Position(-19.201, 51.101, 6.138)));
        Assert.That(model.Atoms[0].BIso, Is.EqualTo(35));
    }

    [Test]
    public void A_file_of_headers_alone_is_refused_in_one_sentence()
    {
        string path = LocScale.Tests.SharedData.Path("data/odd/models/5moo_header.pdb");
        Assert.That(
            () => ModelReader.Read(path),
            Throws.TypeOf<LocScale.Maps.InputException>().With.Message.EqualTo(
                $"{path} holds no atoms; give a file with atom coordinates."));
    }

    [Test]
    public void Residues_of_a_published_model_are_those_gemmi_counts()
    {
        Assert.That(
            ModelReader.Read(LocScale.Tests.SharedData.Path("data/odd/models/2ERL.pdb")).Residues, Has.Length.EqualTo(63));
        Assert.That(
            ModelReader.Read(LocScale.Tests.SharedData.Path("data/odd/models/1pfe.cif.gz")).Residues, Has.Length.EqualTo(101));
    }

    private static string FormulaOf(AtomicModel model) => string.Join(' ', model.Atoms
        .GroupBy(a => a.Element.Symbol)
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => $"{group.Key}{group.Count()}"));
}
