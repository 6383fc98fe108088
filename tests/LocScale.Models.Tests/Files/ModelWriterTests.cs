using System.Text;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Tests;

namespace LocScale.Models.Tests.Files;

public class ModelWriterTests
{
    private static readonly string[] PublishedModels =
    [
        "data/odd/models/1lzh.pdb.gz", "data/odd/models/1pfe.cif.gz", "data/odd/models/1yjp.pdb", "data/odd/models/2ERL.pdb",
        "data/odd/models/4oz7.pdb", "data/odd/models/5i55.cif", "data/odd/models/pdb1gdr.ent", "data/odd/models/rnase_frag.pdb",
        "data/tmv/6i5a_box_complete.pdb", "data/actin/3MFP.pdb", "data/integrin/390_7cec_A.cif", "data/vp6/model.pdb",
    ];

    [TestCaseSource(nameof(PublishedModels))]
    public void Writing_the_same_B_factors_gives_the_same_bytes(string file)
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path(file));
        using TemporaryFolder folder = new();
        string path = Write(folder, model, model.Atoms.Select(a => a.BIso));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(Unpacked(model.SourceFile)));
    }

    [TestCaseSource(nameof(PublishedModels))]
    public void New_B_factors_and_nothing_else_come_back(string file)
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path(file));
        double[] bFactors = [.. model.Atoms.Select((a, i) => Math.Round(3 + i * 7.77 % 900, 2))];
        using TemporaryFolder folder = new();
        AtomicModel written = ModelReader.Read(Write(folder, model, bFactors));

        Assert.That(written.Atoms.Select(a => a.BIso), Is.EqualTo(bFactors));
        Assert.That(written.Atoms.Select(a => a with { BIso = 0 }), Is.EqualTo(model.Atoms.Select(a => a with { BIso = 0 })));
        Assert.That(written.Residues, Is.EqualTo(model.Residues));
        AssertTensorsScaled(model, written);
    }

    [TestCase("data/odd/models/2ERL.pdb")]
    [TestCase("data/tmv/6i5a_box_complete.pdb")]
    [TestCase("data/odd/models/pdb1gdr.ent")]
    public void Of_a_PDB_file_only_the_columns_of_B_and_ANISOU_change(string file)
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path(file));
        using TemporaryFolder folder = new();
        byte[] written = File.ReadAllBytes(Write(folder, model, model.Atoms.Select(a => a.BIso + 1.5)));
        byte[] original = Unpacked(model.SourceFile);
        Assert.That(written, Has.Length.EqualTo(original.Length));

        string[] before = Encoding.Latin1.GetString(original).Split('\n');
        string[] after = Encoding.Latin1.GetString(written).Split('\n');
        int changed = 0;
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] == after[i])
                continue;
            changed++;
            bool tensor = before[i].StartsWith("ANISOU", StringComparison.Ordinal);
            (int start, int end) = tensor ? (28, 70) : (60, 66);
            Assert.That(after[i][..start] + after[i][end..], Is.EqualTo(before[i][..start] + before[i][end..]));
        }
        Assert.That(changed, Is.EqualTo(model.Atoms.Length + model.Anisotropic.Length));
    }

    [TestCase("data/odd/models/1pfe.cif.gz")]
    [TestCase("data/odd/models/5i55.cif")]
    [TestCase("data/integrin/390_7cec_A.cif")]
    public void Of_an_mmCIF_file_only_the_tokens_of_B_and_U_change(string file)
    {
        AtomicModel model = ModelReader.Read(LocScale.Tests.SharedData.Path(file));
        using TemporaryFolder folder = new();
        string[] before = Encoding.Latin1.GetString(Unpacked(model.SourceFile)).Split('\n');
        string[] after = File.ReadAllText(Write(folder, model, model.Atoms.Select(a => a.BIso + 1.5)), Encoding.Latin1).Split('\n');
        Assert.That(after, Has.Length.EqualTo(before.Length));
        int changed = 0;
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] == after[i])
                continue;
            changed++;
            string[] old = before[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] now = after[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int[] differing = [.. Enumerable.Range(0, old.Length).Where(t => old[t] != now[t])];
            bool atom = before[i].StartsWith("ATOM", StringComparison.Ordinal) || before[i].StartsWith("HETATM", StringComparison.Ordinal);
            Assert.That(differing, Is.SubsetOf(atom ? [14] : new[] { 8, 9, 10, 11, 12, 13 }), before[i]);
        }
        Assert.That(changed, Is.EqualTo(model.Atoms.Length + model.Anisotropic.Length));
    }

    [Test]
    public void Only_the_first_model_changes()
    {
        using TemporaryFolder folder = new();
        const string Text = "MODEL 1\n" + PdbText.Carbon + "ENDMDL\nMODEL 2\n" + PdbText.Carbon + "ENDMDL\nEND\n" + PdbText.Carbon;
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", Text));
        string expected = Text.Insert(Text.IndexOf(" 20.00", StringComparison.Ordinal), "  7.25")
            .Remove(Text.IndexOf(" 20.00", StringComparison.Ordinal) + 6, 6);
        Assert.That(File.ReadAllText(Write(folder, model, [7.25])), Is.EqualTo(expected));
    }

    [TestCase(12.345, " 12.35")]
    [TestCase(999.99, "999.99")]
    [TestCase(1234.56, "1234.6")]
    [TestCase(123456.7, "123457")]
    [TestCase(-0.001, "  0.00")]
    [TestCase(-123.45, "-123.5")]
    public void A_B_factor_keeps_as_many_decimals_as_its_columns_hold(double b, string column)
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", PdbText.Carbon));
        Assert.That(File.ReadAllText(Write(folder, model, [b]))[60..66], Is.EqualTo(column));
    }

    [Test]
    public void A_B_factor_too_large_for_PDB_is_refused_and_nothing_is_written()
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", PdbText.Carbon));
        Assert.That(() => Write(folder, model, [1e7]), Throws.TypeOf<InputException>());
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(folder.File("x"))!), Has.Length.EqualTo(1));
    }

    [TestCase(54, "\r\n")]
    [TestCase(58, "\n")]
    [TestCase(60, "")]
    public void A_short_line_grows_to_hold_its_B_factor(int length, string lineEnd)
    {
        using TemporaryFolder folder = new();
        string line = PdbText.Carbon[..length];
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", line + lineEnd));
        Assert.That(File.ReadAllText(Write(folder, model, [7.25])), Is.EqualTo(line.PadRight(60) + "  7.25" + lineEnd));
    }

    [Test]
    public void An_mmCIF_value_is_replaced_with_its_quotes_and_uncertainty_and_keeps_its_decimals()
    {
        const string Head = "data_x\nloop_\n_atom_site.B_iso_or_equiv\n_atom_site.type_symbol\n_atom_site.Cartn_x\n"
            + "_atom_site.Cartn_y\n_atom_site.Cartn_z\n_atom_site.pdbx_PDB_model_num\n";
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.cif", Head
            + "'12.5'  C 1 2 3 1 # note\n3.12345(6) C 1 2 3 1\n? C 1 2 3 1\n30.0 C 1 2 3 2\n;1\n; C 1 2 3 1\n"));
        Assert.That(File.ReadAllText(Write(folder, model, [1, 2.000004, 3, 4])), Is.EqualTo(Head
            + "1.00  C 1 2 3 1 # note\n2.00000 C 1 2 3 1\n3.00 C 1 2 3 1\n30.0 C 1 2 3 2\n4.00 C 1 2 3 1\n"));
    }

    [Test]
    public void A_loop_without_B_factors_gets_the_column()
    {
        const string Head = "data_x\nloop_\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n_atom_site.type_symbol";
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.cif", Head + "\n1 2 3 C\n4 5 6 'N' #\n_other 1\n"));
        Assert.That(File.ReadAllText(Write(folder, model, [1.5, 2.5])), Is.EqualTo(
            Head + "\n_atom_site.B_iso_or_equiv\n1 2 3 C 1.50\n4 5 6 'N' 2.50 #\n_other 1\n"));
    }

    [Test]
    public void A_single_atom_without_B_factor_gets_the_item()
    {
        const string Text = "data_x _atom_site.Cartn_x 1 _atom_site.Cartn_y 2 _atom_site.Cartn_z 3 _atom_site.type_symbol C\n";
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.cif", Text));
        Assert.That(ModelReader.Read(Write(folder, model, [1.5])).Atoms.Single().BIso, Is.EqualTo(1.5));
    }

    [Test]
    public void Tensors_given_as_B_within_atom_site_are_scaled_in_their_unit()
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.cif",
            "data_x\nloop_\n_atom_site.type_symbol\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n"
            + "_atom_site.aniso_B[1][1]\n_atom_site.aniso_B[2][2]\n_atom_site.aniso_B[3][3]\n_atom_site.aniso_B[1][2]\n"
            + "_atom_site.aniso_B[1][3]\n_atom_site.aniso_B[2][3]\n_atom_site.B_iso_or_equiv\nC 1 2 3 10 20 30 1 2 3 20\n"));
        Assert.That(
            File.ReadAllText(Write(folder, model, [40])),
            Does.EndWith("C 1 2 3 20.0000 40.0000 60.0000 2.0000 4.0000 6.0000 40.00\n"));
    }

    [Test]
    public void The_source_is_never_overwritten()
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", PdbText.Carbon));
        Assert.That(
            () => Write(model, [1.0], folder.File("a.pdb")), Throws.TypeOf<InputException>());
        Assert.That(File.ReadAllText(folder.File("a.pdb")), Is.EqualTo(PdbText.Carbon));
    }

    [Test]
    public void A_folder_that_is_missing_is_a_clear_error()
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", PdbText.Carbon));
        Assert.That(
            () => Write(model, [1.0], folder.File("missing/out.pdb")),
            Throws.TypeOf<InputException>().With.Message.Contains("cannot be written"));
    }

    [Test]
    public void Wrong_counts_and_numbers_are_refused()
    {
        using TemporaryFolder folder = new();
        AtomicModel model = ModelReader.Read(folder.Write("a.pdb", PdbText.Carbon));
        Assert.That(() => Write(folder, model, [1, 2]), Throws.ArgumentException);
        Assert.That(() => Write(folder, model, [double.NaN]), Throws.ArgumentException);
        Assert.That(() => Write(folder, new AtomicModel { Atoms = model.Atoms }, [1]), Throws.InvalidOperationException);
    }

    /// <summary>
    /// The rounding of a file to 1e-4 Å² of U lets the equivalent B differ by 8π²/3 · 3 · 0.5e-4 = 0.004 Å², and
    /// that of B
    /// itself by 0.005.
    /// </summary>
    private static void AssertTensorsScaled(AtomicModel before, AtomicModel after)
    {
        Assert.That(after.Anisotropic, Has.Length.EqualTo(before.Anisotropic.Length));
        foreach (Atom atom in after.Atoms.Where(a => a.AnisotropicIndex >= 0))
        {
            AnisotropicDisplacement old = before.Anisotropic[atom.AnisotropicIndex];
            AnisotropicDisplacement scaled = after.Anisotropic[atom.AnisotropicIndex];
            Assert.That(scaled.EquivalentB, Is.EqualTo(atom.BIso).Within(0.009));
            double factor = atom.BIso / old.EquivalentB;
            Assert.That(scaled.U11, Is.EqualTo(old.U11 * factor).Within(1e-4));
            Assert.That(scaled.U23, Is.EqualTo(old.U23 * factor).Within(1e-4));
        }
    }

    private static string Write(TemporaryFolder folder, AtomicModel model, IEnumerable<double> bFactors)
    {
        Write(model, bFactors.ToArray(), folder.File("written"));
        return folder.File("written");
    }

    private static byte[] Unpacked(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
            return File.ReadAllBytes(path);
        using FileStream file = File.OpenRead(path);
        using System.IO.Compression.GZipStream stream = new(file, System.IO.Compression.CompressionMode.Decompress);
        using MemoryStream content = new();
        stream.CopyTo(content);
        return content.ToArray();
    }

    internal static void Write(AtomicModel model, ReadOnlySpan<double> bFactors, string path)
    {
        using AtomicFileSet files = new();
        ModelWriter.WriteWithBFactors(files, model, bFactors, path);
        files.Commit();
    }
}
