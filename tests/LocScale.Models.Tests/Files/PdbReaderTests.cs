using System.Text;
using LocScale.Maps;
using LocScale.Models.Atoms;

namespace LocScale.Models.Tests.Files;

public class PdbReaderTests
{
    [Test]
    public void Every_field_of_an_atom_line_is_read()
    {
        AtomicModel model = PdbText.Read(
            "CRYST1   61.000   62.000   63.000  90.00  91.00  92.00 P 1           1\n"
            + "HETATM   12  N1 BLIG B  13C     -1.234   2.345 999.999  0.50 12.34           N1-\n"
            + "ANISOU   12  N1 BLIG B  13C    1000   2000   3000    100   -200    300       N1-\n");

        Atom atom = model.Atoms.Single();
        Assert.That(atom, Is.EqualTo(new Atom(
            new Position(-1.234, 2.345, 999.999), Element.Nitrogen, 0.5, 12.34, "N1", 0, 12, 'B', 0)));
        Assert.That(model.Residues.Single(), Is.EqualTo(new Residue("LIG", "B", 13, 'C')));
        AnisotropicDisplacement u = model.Anisotropic.Single();
        double[] components = [u.U11, u.U22, u.U33, u.U12, u.U13, u.U23];
        Assert.That(components, Is.EqualTo(new[] { 0.1, 0.2, 0.3, 0.01, -0.02, 0.03 }).Within(1e-15));
        Assert.That(model.Warnings, Is.Empty);
    }

    [Test]
    public void The_first_model_is_read_and_the_others_are_told_of()
    {
        AtomicModel model = PdbText.Read(
            "MODEL        1\n" + PdbText.Carbon + "ENDMDL\nMODEL        2\n" + PdbText.Carbon + PdbText.Carbon + "ENDMDL\nEND\n");
        Assert.That(model.Atoms, Has.Length.EqualTo(1));
        Assert.That(model.Warnings, Is.EqualTo(new[] { "a.pdb: the first of 2 models is used." }));
    }

    [TestCase("  1.00", "  1.00", 1.0, 1)]
    [TestCase("  0.60", "  0.50", 1.0, 1)]
    [TestCase("  0.50", "  0.50", 1.0, 0)]
    [TestCase("  1.00", "  1.00", 1.001, 0)]
    public void Atoms_at_the_place_of_others_are_told_of(string occupancy, string other, double x, int warnings)
    {
        AtomicModel model = PdbText.Read(
            PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, -2, 3, occupancy) + "\n"
            + PdbText.Atom("2", " CA", "GLY", "Z", "   1", x, -2, 3, other) + "\n");
        Assert.That(model.Atoms, Has.Length.EqualTo(2));
        Assert.That(model.Warnings, Has.Count.EqualTo(warnings));
        Assert.That(model.Warnings, Has.All.Contains("a.pdb: 1 atom at the very place of others"));
    }

    [Test]
    public void Atoms_behind_the_end_are_left_out_and_told_of()
    {
        AtomicModel model = PdbText.Read(PdbText.Carbon + "END\n" + PdbText.Carbon);
        Assert.That(model.Atoms, Has.Length.EqualTo(1));
        Assert.That(model.Warnings.Single(), Does.Contain("1 atom behind the END record"));
    }

    [Test]
    public void Atoms_of_occupancy_0_are_told_of()
    {
        AtomicModel model = PdbText.Read(
            PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3) + "\n" + PdbText.Atom("2", " C ", "GLY", "A", "   1", 2, 2, 3, "  0.00"));
        Assert.That(model.Warnings.Single(), Does.Contain("an occupancy of 0 for 1 atom, left out of the scattering"));
    }

    [Test]
    public void Alternate_locations_are_all_read_with_their_occupancies()
    {
        AtomicModel model = PdbText.Read(
            PdbText.Atom("1", " CA", "SER", "A", "   1", 1, 2, 3, "  0.30", altLoc: 'A') + "\n"
            + PdbText.Atom("2", " CA", "SER", "A", "   1", 1, 2, 4, "  0.70", altLoc: 'B') + "\n");
        Assert.That(model.Atoms.Select(a => (a.AltLoc, a.Occupancy)), Is.EqualTo(new[] { ('A', 0.3), ('B', 0.7) }));
        Assert.That(model.Residues, Has.Length.EqualTo(1));
    }

    [Test]
    public void Insertion_codes_and_chain_ends_separate_residues()
    {
        AtomicModel model = PdbText.Read(
            PdbText.Atom("1", " CA", "SER", "A", "  52", 1, 2, 3) + "\n"
            + PdbText.Atom("2", " CA", "SER", "A", "  52A", 1, 2, 3) + "\n"
            + PdbText.Atom("3", " CB", "SER", "A", "  52A", 1, 2, 3) + "\nTER\n"
            + PdbText.Atom("4", " CA", "SER", "A", "  52A", 1, 2, 3) + "\n");
        Assert.That(model.Atoms.Select(a => a.ResidueIndex), Is.EqualTo(new[] { 0, 1, 1, 2 }));
        Assert.That(model.Residues.Select(r => r.InsertionCode), Is.EqualTo(new[] { '\0', 'A', 'A' }));
    }

    /// <summary>Golden values of hybrid-36: its definition, cci.lbl.gov/hybrid_36.</summary>
    [TestCase("99999", 99999)]
    [TestCase("A0000", 100000)]
    [TestCase("A000Z", 100035)]
    [TestCase("ZZZZZ", 43770015)]
    [TestCase("a0000", 43770016)]
    [TestCase("zzzzz", 87440031)]
    [TestCase("186a0", 100000)]
    [TestCase(" -999", -999)]
    [TestCase("*****", 1)]
    [TestCase("A00a0", 1)]
    [TestCase("     ", 1)]
    public void Serials_beyond_their_columns_are_understood(string field, int serial) =>
        Assert.That(
            PdbText.Read(PdbText.Atom(field, " CA", "GLY", "A", "   1", 1, 2, 3)).Atoms[0].Serial, Is.EqualTo(serial));

    [TestCase("9999", 9999)]
    [TestCase("A000", 10000)]
    [TestCase("ZZZZ", 1223055)]
    [TestCase("a000", 1223056)]
    [TestCase("zzzz", 2436111)]
    [TestCase("  -5", -5)]
    [TestCase("****", null)]
    public void Residue_numbers_beyond_their_columns_are_understood(string field, int? number) =>
        Assert.That(
            PdbText.Read(PdbText.Atom("1", " CA", "GLY", "A", field, 1, 2, 3)).Residues[0].Number, Is.EqualTo(number));

    [Test]
    public void A_serial_of_six_digits_is_read_whole()
    {
        AtomicModel model = PdbText.Read("ATOM  123456 CA  GLY A   1       1.000   2.000   3.000  1.00 20.00           C");
        Assert.That(model.Atoms[0].Serial, Is.EqualTo(123456));
        Assert.That(model.Atoms[0].Name, Is.EqualTo("CA"));
    }

    [Test]
    public void More_atoms_than_serials_keep_their_order_when_the_serials_wrap()
    {
        StringBuilder text = new();
        for (int i = 0; i < 120_000; i++)
            text.Append(PdbText.Atom($"{i % 100_000}", " O", "HOH", "W", $"{i % 10_000,4}", i * 0.001, 0, 0, element: " O")).Append('\n');
        AtomicModel model = PdbText.Read(text.ToString());
        Assert.That(model.Atoms, Has.Length.EqualTo(120_000));
        Assert.That(model.Residues, Has.Length.EqualTo(120_000));
        Assert.That(model.Atoms.Select(a => a.Position.X), Is.Ordered.Ascending);
        Assert.That(model.Atoms[119_999].Position.X, Is.EqualTo(119.999));
    }

    [TestCase("\n")]
    [TestCase("\r\n")]
    [TestCase("\r")]
    public void Any_line_end_reads_alike(string lineEnd)
    {
        string text = (PdbText.Carbon + PdbText.Carbon).Replace("\n", lineEnd, StringComparison.Ordinal);
        Assert.That(PdbText.Read(text).Atoms, Has.Length.EqualTo(2));
        Assert.That(PdbText.Read(text.TrimEnd()).Atoms, Has.Length.EqualTo(2));
    }

    [TestCase(54, 1.0, 0.0, 2)]
    [TestCase(60, 0.5, 0.0, 1)]
    [TestCase(66, 0.5, 12.34, 0)]
    [TestCase(79, 0.5, 12.34, 0)]
    public void A_short_line_lacks_what_it_lacks_and_that_is_told(int length, double occupancy, double b, int warnings)
    {
        string line = PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3, "  0.50", " 12.34");
        AtomicModel model = PdbText.Read(line[..length]);
        Assert.That(model.Atoms[0].Occupancy, Is.EqualTo(occupancy));
        Assert.That(model.Atoms[0].BIso, Is.EqualTo(b));
        Assert.That(model.Atoms[0].Element, Is.EqualTo(Element.Carbon));
        Assert.That(model.Warnings, Has.Count.EqualTo(warnings));
    }

    [Test]
    public void Long_lines_and_lower_case_records_are_read()
    {
        string line = PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3).Replace("ATOM", "atom", StringComparison.Ordinal);
        Assert.That(PdbText.Read(line + new string('x', 5000)).Atoms[0].Position, Is.EqualTo(new Position(1, 2, 3)));
    }

    [Test]
    public void Asterisks_in_a_field_count_as_missing()
    {
        AtomicModel model = PdbText.Read(PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3, b: "******"));
        Assert.That(model.Atoms[0].BIso, Is.Zero);
        Assert.That(model.Warnings.Single(), Does.Contain("no B-factor for 1 atom, taken as 0"));
    }

    [TestCase(" D", "D")]
    [TestCase("D ", "D")]
    [TestCase("FE", "Fe")]
    [TestCase(" x", "X")]
    [TestCase("QQ", "X")]
    public void The_element_column_decides_where_it_is_filled(string field, string symbol) =>
        Assert.That(
            PdbText.Read(PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3, element: field) + "\n" + PdbText.Carbon)
                .Atoms[0].Element.Symbol,
            Is.EqualTo(symbol));

    [Test]
    public void Unknown_elements_are_named_in_one_warning()
    {
        string dummies = string.Concat(Enumerable.Repeat(
            PdbText.Atom("1", " DUM", "DUM", "A", "   1", 1, 2, 3, element: "  ") + "\n"
            + PdbText.Atom("1", " UNK", "UNX", "A", "   1", 1, 2, 3, element: " X") + "\n", 3));
        AtomicModel model = PdbText.Read(dummies + PdbText.Carbon);
        Assert.That(model.Warnings, Is.EqualTo(new[]
        {
            "a.pdb: unknown element or no form factor for 6 atoms (DUM × 3, X × 3), left out of the scattering.",
        }));
        Assert.That(model.Atoms, Has.Length.EqualTo(7));
    }

    [Test]
    public void An_ANISOU_record_that_follows_another_atom_is_ignored_and_told_of()
    {
        AtomicModel model = PdbText.Read(
            PdbText.Carbon + "ANISOU    9  CA  ALA B   9     1000   2000   3000    100   -200    300       C  \n");
        Assert.That(model.Anisotropic, Is.Empty);
        Assert.That(model.Warnings.Single(), Does.Contain("1 ANISOU record"));
    }

    [TestCase("     nan   2.000   3.000", "its x coordinate is not a number")]
    [TestCase("   1.000     inf   3.000", "its y coordinate is not a number")]
    [TestCase("   1.000   2.000        ", "the atom has no z coordinate")]
    [TestCase("   1.000   2.000    1e99", "is beyond any model")]
    [TestCase("   1.000   2.000-9999999", "is beyond any model")]
    [TestCase("   1.000   2.000   1 2.0", "its z coordinate is not a number")]
    public void An_impossible_coordinate_is_refused_with_its_line(string coordinates, string reason)
    {
        string text = PdbText.Carbon + "ATOM      1  CA  GLY A   1    " + coordinates + "  1.00 20.00           C\n";
        Assert.That(
            () => PdbText.Read(text),
            Throws.TypeOf<InputException>().With.Message.StartsWith("Line 2 of a.pdb").And.Message.Contain(reason));
    }

    [TestCase(" -1.00", " 20.00", "occupancy")]
    [TestCase("  x.00", " 20.00", "occupancy")]
    [TestCase("  1.00", "  1e30", "B-factor")]
    [TestCase("  1.00", " 2o.00", "B-factor")]
    public void An_impossible_occupancy_or_B_factor_is_refused(string occupancy, string b, string what) =>
        Assert.That(
            () => PdbText.Read(PdbText.Atom("1", " CA", "GLY", "A", "   1", 1, 2, 3, occupancy, b)),
            Throws.TypeOf<InputException>().With.Message.Contains(what));

    [Test]
    public void A_model_of_dummies_alone_is_refused() =>
        Assert.That(
            () => PdbText.Read(PdbText.Atom("1", " O", "DUM", "A", "   1", 1, 2, 3)),
            Throws.TypeOf<InputException>().With.Message.Contains("No atom of"));
}
