using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Files;
using LocScale.Models.Files.Cif;
using LocScale.Models.Files.Pdb;
using LocScale.Tests;

namespace LocScale.Models.Tests.Files;

/// <summary>
/// Model files damaged at random: cut short, bytes flipped, pieces lost, doubled or replaced by absurd numbers.
/// Whatever
/// comes, the reader gives a model or one clear sentence, and takes memory in proportion to the file.
/// </summary>
public class DamagedModelTests
{
    private const int Cases = 10_000;

    private static readonly string[] Absurdities =
    [
        "1e999", "-1e308", "nan", "inf", "99999999999999999999999999", "********", "-", ".", "?", "'", "\"", "\n;", "loop_",
        "save_", "data_", "_atom_site.id", "\0", "\uFFFD", "(", "()", "\r", "#", "MODEL", "ENDMDL", "END", "TER", "-2147483649",
        "0x7fffffff", "1.0(", "_atom_site_anisotrop.id", "global_", "\t", "zzzzz", "ANISOU", "ATOM",
    ];

    private static readonly byte[] Pdb = Encoding.Latin1.GetBytes(
        "HEADER    TEST\r\nCRYST1   61.000   62.000   63.000  90.00  91.00  92.00 P 1           1\nMODEL        1\n"
        + "ATOM      1  N   GLY A   1      -9.009   4.612   6.102  1.00 16.77           N  \n"
        + "ANISOU    1  N   GLY A   1     1000   2000   3000    100   -200    300       N  \n"
        + "ATOM      2  CA AGLY A   1A     -9.052   4.207   4.651  0.50 16.57           C1+\n"
        + "ATOM  A0000  CA BGLY A   1A     -9.052   4.207   4.651  0.50 16.57\n"
        + "TER\nHETATM 186a0 HG    HG AA000    1000.0001000.0001000.000  1.00999.99          HG2+\r"
        + "HETATM    5  O   HOH B9999       1.000   2.000   3.000\nENDMDL\nMODEL        2\n"
        + "ATOM      1  N   GLY A   1      -9.009   4.612   6.102  1.00 16.77           N  \nENDMDL\nEND\n");

    private static readonly byte[] Cif = Encoding.Latin1.GetBytes(
        "data_T\n_cell.length_a 61.0(1)\n_t.text\n;some\ntext\n;\nsave_f _a 'b c' save_\nloop_\n_atom_site.group_PDB\n"
        + "_atom_site.id\n_atom_site.type_symbol\n_atom_site.label_atom_id\n_atom_site.label_alt_id\n_atom_site.label_comp_id\n"
        + "_atom_site.auth_asym_id\n_atom_site.auth_seq_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n"
        + "_atom_site.occupancy\n_atom_site.B_iso_or_equiv\n_atom_site.pdbx_formal_charge\n_atom_site.pdbx_PDB_model_num\n"
        + "ATOM 1 N \"N'\" . GLY A 1 -9.009 4.612 6.102 1.00 16.77 ? 1 # first\n"
        + "ATOM 2 C 'CA' A GLY A 1 -9.052 4.207(3) 4.651 0.5 16.5 1 1\nATOM 3 FE3+ FE . HEM B 7 1 2 3 ? ? 3 1\n"
        + "ATOM 4 N N . GLY A 1 -9.009 4.612 6.102 1.00 16.77 ? 2\nloop_\n_atom_site_anisotrop.id\n"
        + "_atom_site_anisotrop.U[1][1]\n_atom_site_anisotrop.U[2][2]\n_atom_site_anisotrop.U[3][3]\n"
        + "_atom_site_anisotrop.U[1][2]\n_atom_site_anisotrop.U[1][3]\n_atom_site_anisotrop.U[2][3]\n"
        + "1 0.1 0.2 0.3 0.01 0.02 0.03\n3 0.1 0.2 0.3 ? 0.02 0.03\n");

    public enum Harm
    {
        Truncate,
        FlipByte,
        Insert,
        Replace,
        Remove,
        Repeat,
        Nines,
    }

    /// <summary>One harm: where, from 0 to 1 in thousandths of the text, and how much or what.</summary>
    public sealed record Damage(Harm Harm, int Place, int Amount);

    [Test]
    [Category("Long")]
    public void A_damaged_PDB_file_gives_a_model_or_one_clear_sentence() =>
        CheckDamaged(Pdb, text => PdbReader.Read(text, "a.pdb"), "a.pdb");

    [Test]
    [Category("Long")]
    public void A_damaged_mmCIF_file_gives_a_model_or_one_clear_sentence() =>
        CheckDamaged(Cif, text => MmCifReader.Read(text, "a.cif"), "a.cif");

    [Test]
    [Category("Long")]
    public void A_damaged_file_that_reads_also_writes_and_reads_again()
    {
        using TemporaryFolder folder = new();
        string input = folder.File("a.model");
        string output = folder.File("b.model");
        int read = 0;
        foreach (byte[] sample in new[] { Pdb, Cif })
        {
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases / 5), Prop.ForAll(Damages(), damages =>
            {
                File.WriteAllBytes(input, Harmed(sample, damages));
                AtomicModel model;
                try
                {
                    model = ModelReader.Read(input);
                }
                catch (InputException e)
                {
                    AssertClear(e, input);
                    return;
                }
                read++;
                double[] bFactors = [.. model.Atoms.Select((_, i) => 5 + i)];
                ModelWriterTests.Write(model, bFactors, output);
                AtomicModel again = ModelReader.Read(output);
                Assert.That(again.Atoms.Select(a => a.BIso), Is.EqualTo(bFactors));
                Assert.That(again.Atoms.Select(a => a.Position), Is.EqualTo(model.Atoms.Select(a => a.Position)));
            }));
        }
        Assert.That(read, Is.GreaterThan(Cases / 50), "enough damaged files must still read");
    }

    [TestCase(1_000)]
    [TestCase(20_000, Category = "Long")]
    [Category("Long")]
    public void A_damaged_archive_gives_a_model_or_one_clear_sentence(int mutants)
    {
        Random random = new(42);
        using TemporaryFolder folder = new();
        string path = folder.File("a.model.gz");
        byte[][] archives =
        [
            .. from level in Enum.GetValues<CompressionLevel>() from sample in new[] { Pdb, Cif } select Packed(sample, level),
        ];
        int read = 0;
        for (int i = 0; i < mutants; i++)
        {
            byte[] packed = [.. archives[i % archives.Length]];
            for (int harms = random.Next(1, 5); harms > 0; harms--)
                packed[random.Next(packed.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, random.Next(5) == 0 ? packed[..random.Next(packed.Length + 1)] : packed);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.That(ModelReader.Read(path).Atoms, Is.Not.Empty);
                read++;
            }
            catch (InputException e)
            {
                AssertClear(e, path);
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 << 20));
        }
        TestContext.Out.WriteLine($"{read} read, {mutants - read} refused");
        Assert.That(read, Is.InRange(1, mutants / 2));
    }

    [Test]
    [Category("Long")]
    public void Random_bytes_give_a_model_or_one_clear_sentence()
    {
        foreach (string head in new[] { "ATOM  ", "data_x loop_ _atom_site.Cartn_x " })
        {
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(), bytes =>
                {
                    byte[] text = [.. Encoding.ASCII.GetBytes(head), .. bytes];
                    ReadOrRefuse(text, t => PdbReader.Read(t, "a.pdb"), "a.pdb");
                    ReadOrRefuse(text, t => MmCifReader.Read(t, "a.pdb"), "a.pdb");
                }));
        }
    }

    [Test]
    [Category("Long")]
    public void Text_of_one_kind_of_token_without_end_is_read_in_linear_time()
    {
        foreach (string piece in new[] { "'", ";\n", "\n;", "\"a ", "#", "save_a ", "data_ ", "_a 1 ", "loop_ ", "ATOM", "\r", "END\n", "save_a _a 1 save_ " })
        {
            byte[] text = Encoding.ASCII.GetBytes("data_x " + string.Concat(Enumerable.Repeat(piece, 300_000)));
            ReadOrRefuse(text, t => PdbReader.Read(t, "a.pdb"), "a.pdb");
            ReadOrRefuse(text, t => MmCifReader.Read(t, "a.pdb"), "a.pdb");
        }
    }

    private static void CheckDamaged(byte[] sample, Func<byte[], AtomicModel> read, string name)
    {
        int models = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Damages(), damages =>
        {
            if (ReadOrRefuse(Harmed(sample, damages), read, name))
                models++;
        }));
        Assert.That(models, Is.InRange(Cases / 20, Cases - Cases / 20), "both outcomes must be common");
    }

    private static bool ReadOrRefuse(byte[] text, Func<byte[], AtomicModel> read, string name)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            AtomicModel model = read(text);
            Assert.That(model.Atoms, Is.Not.Empty);
            Assert.That(model.Atoms.All(a => Math.Abs(a.Position.X) <= 1e6 && a.Occupancy >= 0 && double.IsFinite(a.BIso)));
            return true;
        }
        catch (InputException e)
        {
            AssertClear(e, name);
            return false;
        }
        finally
        {
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(300_000 + 400L * text.Length));
        }
    }

    private static void AssertClear(InputException e, string name)
    {
        Assert.That(e.Message, Does.Contain(name).And.EndsWith("."));
        Assert.That(e.Message.Any(char.IsControl), Is.False, e.Message);
        Assert.That(e.Message, Has.Length.LessThan(300 + name.Length));
    }

    private static Arbitrary<Damage[]> Damages()
    {
        Gen<Damage> one =
            from harm in Gen.Elements(Enum.GetValues<Harm>())
            from place in Gen.Choose(0, 1000)
            from amount in Gen.Choose(0, 255)
            select new Damage(harm, place, amount);
        return Gen.Choose(1, 4).SelectMany(count => one.ArrayOf(count)).ToArbitrary();
    }

    private static byte[] Packed(byte[] content, CompressionLevel level)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, level))
            stream.Write(content);
        return packed.ToArray();
    }

    private static byte[] Harmed(byte[] sample, Damage[] damages)
    {
        List<byte> text = [.. sample];
        foreach ((Harm harm, int place, int amount) in damages)
        {
            int at = (int)((long)place * Math.Max(0, text.Count - 1) / 1000);
            int length = Math.Min(amount % 40, text.Count - at);
            byte[] absurd = Encoding.UTF8.GetBytes(Absurdities[amount % Absurdities.Length]);
            switch (harm)
            {
                case Harm.Truncate:
                    text.RemoveRange(at, text.Count - at);
                    break;
                case Harm.FlipByte when text.Count > 0:
                    text[at] ^= (byte)amount;
                    break;
                case Harm.Insert:
                    text.InsertRange(at, absurd);
                    break;
                case Harm.Replace:
                    text.RemoveRange(at, Math.Min(absurd.Length, text.Count - at));
                    text.InsertRange(at, absurd);
                    break;
                case Harm.Remove:
                    text.RemoveRange(at, length);
                    break;
                case Harm.Repeat:
                    text.InsertRange(at, text.GetRange(at, length));
                    break;
                case Harm.Nines:
                    for (int i = at; i < at + length; i++)
                        text[i] = char.IsAsciiDigit((char)text[i]) ? (byte)'9' : text[i];
                    break;
            }
        }
        return [.. text];
    }
}
