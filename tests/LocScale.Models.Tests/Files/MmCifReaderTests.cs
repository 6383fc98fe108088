using System.Text;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;

namespace LocScale.Models.Tests.Files;

public class MmCifReaderTests
{
    private const string Columns = """
        data_TEST
        _cell.length_a 61.0(1)
        _cell.length_b 62
        _cell.length_c 63
        _cell.angle_alpha 90
        _cell.angle_beta 91
        _cell.angle_gamma 92
        loop_
        _atom_site.Cartn_z
        _atom_site.pdbx_PDB_model_num
        _atom_site.label_atom_id
        _atom_site.auth_atom_id
        _atom_site.type_symbol
        _atom_site.label_comp_id
        _atom_site.auth_comp_id
        _atom_site.auth_asym_id
        _atom_site.label_asym_id
        _atom_site.label_seq_id
        _atom_site.auth_seq_id
        _atom_site.pdbx_PDB_ins_code
        _atom_site.label_alt_id
        _atom_site.Cartn_x
        _atom_site.Cartn_y
        _atom_site.id
        _atom_site.B_iso_or_equiv
        _atom_site.occupancy
        _atom_site.pdbx_formal_charge

        """;

    [Test]
    public void Every_item_is_read_whatever_the_order_of_columns()
    {
        AtomicModel model = Read(Columns
            + "3.5 1 \"O5'\" \"XX'\" O DG DX B A 7 -12 C 'A' 1.25 -2.125(4) 42 33.25 0.5 -1\n"
            + "4.5 1 FE FE FE3+ HEM HEM B B . 501 ? . 1 2 43 ? ? 3\n");
        Assert.That(model.Atoms[0], Is.EqualTo(new Atom(
            new Position(1.25, -2.125, 3.5), Element.Oxygen, 0.5, 33.25, "O5'", 0, 42, 'A')));
        Assert.That(model.Residues[0], Is.EqualTo(new Residue("DG", "B", -12, 'C')));
        Assert.That(model.Atoms[1], Is.EqualTo(new Atom(
            new Position(1, 2, 4.5), Element.FromSymbol("Fe"), 1, 0, "FE", 1, 43)));
        Assert.That(model.Residues[1], Is.EqualTo(new Residue("HEM", "B", 501, '\0')));
        Assert.That(model.Warnings, Has.Count.EqualTo(2));
    }

    [Test]
    public void The_first_model_is_read_and_the_others_are_told_of()
    {
        AtomicModel model = Read(Columns
            + "3 5 C C C ALA ALA A A 1 1 ? . 1 2 1 20 1 ?\n"
            + "3 6 C C C ALA ALA A A 1 1 ? . 1 2 2 20 1 ?\n"
            + "4 5 O O O ALA ALA A A 1 1 ? . 1 2 3 20 1 ?\n");
        Assert.That(model.Atoms.Select(a => a.Serial), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(model.Warnings, Is.EqualTo(new[] { "a.cif: the first of 2 models is used." }));
    }

    [Test]
    public void The_first_block_with_atoms_is_read_and_the_others_are_told_of()
    {
        const string Row = "3 1 C C C ALA ALA A A 1 1 ? . 1 2 1 20 1 ?\n";
        AtomicModel model = Read("data_comp\n_chem_comp.id ALA\n" + Columns + Row
            + Columns.Replace("data_TEST", "data_OTHER", StringComparison.Ordinal) + Row + Row);
        Assert.That(model.Atoms, Has.Length.EqualTo(1));
        Assert.That(model.Warnings.Single(), Does.Contain("first of 2 data blocks").And.Contain("TEST"));
    }

    [Test]
    public void Tensors_find_their_atoms_by_id_in_any_order()
    {
        AtomicModel model = Read("data_x\nloop_\n_atom_site_anisotrop.U[1][1]\n_atom_site_anisotrop.U[2][2]\n"
            + "_atom_site_anisotrop.U[3][3]\n_atom_site_anisotrop.U[1][2]\n_atom_site_anisotrop.U[1][3]\n"
            + "_atom_site_anisotrop.U[2][3]\n_atom_site_anisotrop.id\n"
            + "0.2 0.3 0.4 0.01 0.02 0.03 b2\n0.1 0.1 0.1(1) 0 0 0 a1\n? ? ? ? ? ? c3\n9 9 9 9 9 9 none\n"
            + "loop_\n_atom_site.id\n_atom_site.type_symbol\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n"
            + "a1 C 1 2 3\nb2 C 1 2 3\nc3 C 1 2 3\n");
        Assert.That(model.Atoms.Select(a => a.AnisotropicIndex), Is.EqualTo(new[] { 1, 0, -1 }));
        Assert.That(model.Anisotropic[0], Is.EqualTo(new AnisotropicDisplacement(0.2, 0.3, 0.4, 0.01, 0.02, 0.03)));
    }

    [Test]
    public void Tensors_within_atom_site_are_read_also_as_B()
    {
        AtomicModel model = Read("data_x\nloop_\n_atom_site.type_symbol\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n"
            + "_atom_site.aniso_B[1][1]\n_atom_site.aniso_B[2][2]\n_atom_site.aniso_B[3][3]\n_atom_site.aniso_B[1][2]\n"
            + "_atom_site.aniso_B[1][3]\n_atom_site.aniso_B[2][3]\nC 1 2 3 10 20 30 1 2 3\nC 1 2 3 ? ? ? ? ? ?\n");
        Assert.That(model.Atoms.Select(a => a.AnisotropicIndex), Is.EqualTo(new[] { 0, -1 }));
        Assert.That(model.Anisotropic[0].EquivalentB, Is.EqualTo(20).Within(1e-12));
        Assert.That(model.Anisotropic[0].U23, Is.EqualTo(3 / (8 * Math.PI * Math.PI)).Within(1e-15));
    }

    [Test]
    public void A_single_atom_may_stand_without_a_loop()
    {
        AtomicModel model = Read("data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3 _atom_site.type_symbol D");
        Assert.That(model.Atoms.Single().Element, Is.EqualTo(Element.Deuterium));
    }

    [TestCase("data_x _a 1", "holds no atoms")]
    [TestCase("data_x loop_ _atom_site.Cartn_x _atom_site.Cartn_y _atom_site.Cartn_z", "holds no atoms")]
    [TestCase("data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2", "has no column _atom_site.Cartn_z")]
    [TestCase("data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z ?", "z coordinate")]
    [TestCase("data_x _atom_site.Cartn_x nan _atom_site.Cartn_y 2 _atom_site.Cartn_z 3", "x coordinate")]
    [TestCase("data_x _atom_site.Cartn_x 1e7 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3", "beyond any model")]
    [TestCase("data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3 _atom_site.occupancy -1", "occupancy")]
    [TestCase("data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3 _atom_site.type_symbol Q", "No atom of")]
    public void What_is_no_model_is_refused_in_one_sentence(string text, string reason) =>
        Assert.That(() => Read(text), Throws.TypeOf<InputException>().With.Message.Contains(reason));

    private static AtomicModel Read(string text) => MmCifReader.Read(Encoding.Latin1.GetBytes(text), "a.cif");
}
