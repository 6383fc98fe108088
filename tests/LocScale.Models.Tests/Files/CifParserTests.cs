using System.Text;
using LocScale.Maps;
using LocScale.Models.Files.Cif;

namespace LocScale.Models.Tests.Files;

/// <summary>The rules of CIF 1.1, iucr.org/resources/cif/spec/version1.1.</summary>
public class CifParserTests
{
    [TestCase("_a 'a dog's life'", "a dog's life")]
    [TestCase("_a \"say \"yes\"now\"", "say \"yes\"now")]
    [TestCase("_a ''", "")]
    [TestCase("_a '#no comment'", "#no comment")]
    [TestCase("_a bare#still # comment", "bare#still")]
    [TestCase("_a '?'", "?")]
    [TestCase("_a 'loop_'", "loop_")]
    [TestCase("_a '_b'", "_b")]
    [TestCase("_a a;b", "a;b")]
    [TestCase("_a ;b", ";b")]
    [TestCase("_a loop_x", "loop_x")]
    [TestCase("_a\n;one line\n;", "one line")]
    [TestCase("_a\n;\nfirst\n second; not the end\n;", "\nfirst\n second; not the end")]
    [TestCase("_a\r\n;one\r\ntwo\r\n;\r\n", "one\r\ntwo")]
    [TestCase("_a\n;\n;", "")]
    [TestCase("_a #comment\n\t 5.1(2)", "5.1(2)")]
    public void A_value_reads_without_its_delimiters(string item, string value) =>
        Assert.That(ValueIn(Parse("data_x\n" + item)[0], "_a"), Is.EqualTo(value));

    [Test]
    public void Unknown_and_inapplicable_are_no_values_unless_quoted()
    {
        CifBlock block = Parse("data_x _a ? _b . _c '.' _d ?x")[0];
        Assert.That(
            new[] { ValueIn(block, "_a"), ValueIn(block, "_b"), ValueIn(block, "_c"), ValueIn(block, "_d") },
            Is.EqualTo(new[] { null, null, ".", "?x" }));
    }

    [Test]
    public void A_loop_holds_rows_of_every_kind_of_value()
    {
        CifTable table = Parse("data_x LOOP_ _t.a _t.B\n1 'two 2'\n# between\n;text\n;\n\"4\" _u.c 7")[0].FindTable("_T.b")!;
        Assert.That(table.IsLoop);
        Assert.That(table.Tags, Is.EqualTo(new[] { "_t.a", "_t.B" }));
        Assert.That(table.RowCount, Is.EqualTo(2));
        Assert.That(table.Text(0, 1), Is.EqualTo("two 2"));
        Assert.That(table.Text(1, 0), Is.EqualTo("text"));
        Assert.That(table.Text(1, 1), Is.EqualTo("4"));
    }

    [Test]
    public void Single_values_of_one_category_are_a_table_of_one_row()
    {
        CifTable table = Parse("data_x _t.a 1 _u.a 2 _t.b 3")[0].FindTable("_t.b")!;
        Assert.That(table.IsLoop, Is.False);
        Assert.That(table.RowCount, Is.EqualTo(1));
        Assert.That(table.Tags, Is.EqualTo(new[] { "_t.a", "_t.b" }));
    }

    [Test]
    public void Blocks_keep_their_own_names_and_values_and_frames_are_passed_over()
    {
        IReadOnlyList<CifBlock> blocks = Parse("\uFEFF# head\nDATA_one _a 1 save_f _a 2 save_ _b 3 data_two _a 4");
        Assert.That(blocks.Select(b => b.Name), Is.EqualTo(new[] { "one", "two" }));
        Assert.That(ValueIn(blocks[0], "_a"), Is.EqualTo("1"));
        Assert.That(ValueIn(blocks[0], "_b"), Is.EqualTo("3"));
        Assert.That(ValueIn(blocks[1], "_a"), Is.EqualTo("4"));
    }

    [TestCase("_a 1", 1, "before the first data block")]
    [TestCase("data_x\n1", 2, "without a data name")]
    [TestCase("data_x\n_a\n_b 1", 2, "without a value")]
    [TestCase("data_x\n_a", 2, "without a value")]
    [TestCase("data_x\n_a 'open\n_b 1", 2, "never closed")]
    [TestCase("data_x\n_a\n;open\n", 3, "never closed")]
    [TestCase("data_x\n\nloop_\n1 2", 3, "without data names")]
    [TestCase("data_x\nloop_ _a _b 1 2 3", 2, "no whole number of rows")]
    [TestCase("data_x\n_a 1\n_A 2", 3, "already")]
    [TestCase("data_x\nglobal_\n", 2, "reserves")]
    [TestCase("data_x\nsave_\n", 2, "never opened")]
    [TestCase("data_x\r\nsave_f\r\n_a 1", 2, "never closed")]
    public void What_is_no_CIF_is_refused_with_its_line(string text, int line, string reason) =>
        Assert.That(
            () => Parse(text),
            Throws.TypeOf<InputException>().With.Message.StartsWith($"Line {line} of a.cif").And.Message.Contain(reason));

    [TestCase("data_x\nloop_\n_a\n_b\n")]
    [TestCase("")]
    [TestCase("# only a comment")]
    public void Empty_loops_and_texts_are_valid(string text) => Assert.That(() => Parse(text), Throws.Nothing);

    private static string? ValueIn(CifBlock block, string tag)
    {
        CifTable table = block.FindTable(tag)!;
        int column = table.ColumnOf(tag);
        return table.IsNull(0, column) ? null : table.Text(0, column);
    }

    private static IReadOnlyList<CifBlock> Parse(string text) => CifParser.Parse(Encoding.UTF8.GetBytes(text), "a.cif");
}
