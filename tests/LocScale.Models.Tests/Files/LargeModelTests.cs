using System.Diagnostics;
using System.Globalization;
using System.Text;
using LocScale.Models.Atoms;
using LocScale.Models.Files.Cif;
using LocScale.Models.Files.Pdb;

namespace LocScale.Models.Tests.Files;

/// <summary>A million atoms; the time each takes is printed and not asserted.</summary>
public class LargeModelTests
{
    private const int Count = 1_000_000;

    [Test]
    [Category("Long")]
    public void A_PDB_file_of_a_million_atoms_is_read_whole()
    {
        StringBuilder text = new(Count * 81);
        for (int i = 0; i < Count; i++)
        {
            text.Append(PdbText.Atom(
                Serial(i + 1), " CA", "GLY", "A", $"{i / 8 % 10_000,4}", i % 1000, i / 1000, 0.125, b: $"{i % 100,6:F2}"));
            text.Append('\n');
        }
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        AtomicModel model = Timed(() => PdbReader.Read(bytes, "a.pdb"));
        AssertMillion(model);
        Assert.That(model.Residues, Has.Length.EqualTo(Count / 8));
    }

    [Test]
    [Category("Long")]
    public void An_mmCIF_file_of_a_million_atoms_is_read_whole()
    {
        StringBuilder text = new("data_x\nloop_\n", Count * 90);
        string[] items =
        [
            "group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id", "label_asym_id",
            "label_entity_id", "label_seq_id", "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy",
            "B_iso_or_equiv", "pdbx_formal_charge", "auth_seq_id", "auth_comp_id", "auth_asym_id", "auth_atom_id",
            "pdbx_PDB_model_num",
        ];
        foreach (string item in items)
            text.Append("_atom_site.").Append(item).Append('\n');
        for (int i = 0; i < Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"ATOM {i + 1} C CA . GLY A 1 {i / 8} ? {i % 1000}.000 {i / 1000}.000 0.125 1.00 {i % 100}.00 ? {i / 8} GLY A CA 1\n");
        }
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        AtomicModel model = Timed(() => MmCifReader.Read(bytes, "a.cif"));
        AssertMillion(model);
        Assert.That(model.Residues[^1].Number, Is.EqualTo(Count / 8 - 1));
    }

    private static void AssertMillion(AtomicModel model)
    {
        Assert.That(model.Atoms, Has.Length.EqualTo(Count));
        int[] places = [0, 99_999, 100_000, 654_321, Count - 1];
        foreach (int i in places)
        {
            Assert.That(model.Atoms[i].Serial, Is.EqualTo(i + 1));
            Assert.That(model.Atoms[i].Position, Is.EqualTo(new Position(i % 1000, i / 1000, 0.125)));
            Assert.That(model.Atoms[i].BIso, Is.EqualTo(i % 100));
        }
        Assert.That(model.Warnings, Is.Empty);
    }

    /// <summary>Hybrid-36 of 1 to 1,000,000: decimal, then base 36 from A0000.</summary>
    private static string Serial(int serial)
    {
        if (serial < 100_000)
            return serial.ToString(CultureInfo.InvariantCulture);
        int value = serial - 100_000 + 10 * 36 * 36 * 36 * 36;
        Span<char> digits = stackalloc char[5];
        for (int i = 4; i >= 0; i--, value /= 36)
            digits[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
        return new string(digits);
    }

    private static AtomicModel Timed(Func<AtomicModel> read)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AtomicModel model = read();
        TestContext.Out.WriteLine(
            $"{Count} atoms in {watch.Elapsed.TotalSeconds:F2} s, {(GC.GetAllocatedBytesForCurrentThread() - before) >> 20} MB allocated");
        return model;
    }
}
