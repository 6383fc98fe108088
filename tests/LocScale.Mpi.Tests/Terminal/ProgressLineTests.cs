using LocScale.Mpi.Terminal;
using LocScale.Parallel;

namespace LocScale.Mpi.Tests.Terminal;

public class ProgressLineTests
{
    private FakeClock clock = null!;
    private StringWriter output = null!;

    [SetUp]
    public void Reset()
    {
        clock = new FakeClock();
        output = new StringWriter { NewLine = "\n" };
    }

    [TearDown]
    public void CloseOutput() => output.Dispose();

    [Test]
    public void A_log_file_gets_a_plain_line_every_ten_percent()
    {
        ProgressLine progress = new(output, isTerminal: false, "Scaling", 1000, clock);
        for (int i = 0; i < 1000; i++)
        {
            clock.GoOn(0.01);
            progress.Advance(1);
        }
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(10));
        Assert.Multiple(() =>
        {
            Assert.That(lines[0], Is.EqualTo("Scaling: 10 %, 100 voxels/s, 9 s left"));
            Assert.That(lines[4], Is.EqualTo("Scaling: 50 %, 100 voxels/s, 5 s left"));
            Assert.That(lines[9], Is.EqualTo("Scaling: 100 %, 100 voxels/s, 0 s left"));
            Assert.That(output.ToString(), Does.Not.Contain("\r"));
        });
    }

    [Test]
    public void What_is_counted_may_be_another_thing_and_never_becomes_less()
    {
        ProgressLine progress = new(output, isTerminal: false, "Spreading atoms", 1000, clock, "atoms");
        clock.GoOn(1);
        progress.AdvanceTo(500);
        progress.AdvanceTo(400);
        clock.GoOn(1);
        progress.AdvanceTo(1000);
        progress.Finish();
        Assert.That(output.ToString(), Is.EqualTo(
            "Spreading atoms: 50 %, 500 atoms/s, 1 s left\nSpreading atoms: 100 %, 500 atoms/s, 0 s left\n"
            + "Spreading atoms: 1,000 atoms in 2.0 s, 500 atoms/s\n"));
    }

    [Test]
    public void A_great_step_gives_one_line()
    {
        ProgressLine progress = new(output, isTerminal: false, "Scaling", 1000, clock);
        clock.GoOn(1);
        progress.Advance(428);
        progress.Advance(1);
        Assert.That(output.ToString(), Is.EqualTo("Scaling: 42 %, 428 voxels/s, 1 s left\n"));
    }

    [Test]
    public void A_terminal_gets_a_bar_that_is_redrawn_in_place_ten_times_a_second_at_most()
    {
        ProgressLine progress = new(output, isTerminal: true, "Scaling", 3_000_000, clock);
        clock.GoOn(1);
        progress.Advance(30_000);
        clock.GoOn(0.05);
        progress.Advance(1);
        clock.GoOn(0.95);
        progress.Advance(1_469_999);
        Assert.That(
            output.ToString(),
            Is.EqualTo(
                "\rScaling [..............................]   1 %  30,000 voxels/s, 1 min 39 s left" +
                "\rScaling [###############...............]  50 %  750,000 voxels/s, 2 s left      "));
    }

    [TestCase(false, "")]
    [TestCase(true, "\r")]
    public void The_last_line_has_voxels_time_and_throughput(bool isTerminal, string beginning)
    {
        ProgressLine progress = new(output, isTerminal, "Scaling", 246_000, clock);
        clock.GoOn(2);
        progress.Advance(246_000);
        int before = output.ToString().Length;
        progress.Finish();
        progress.Finish();
        Assert.That(output.ToString()[before..].TrimEnd(), Is.EqualTo((beginning + "Scaling: 246,000 voxels in 2.0 s, 123,000 voxels/s").TrimEnd()));
        Assert.That(output.ToString(), Does.EndWith("\n"));
    }

    [Test]
    public void Nothing_to_do_is_done_at_once()
    {
        ProgressLine progress = new(output, isTerminal: false, "Scaling", 0, clock);
        progress.Finish();
        Assert.That(output.ToString(), Is.EqualTo("Scaling: 0 voxels in 0.0 s, 0 voxels/s\n"));
    }

    [Test]
    public void Threads_may_advance_together()
    {
        ProgressLine progress = new(output, isTerminal: false, "Scaling", 100_000, clock);
        clock.GoOn(1);
        ThreadedLoop.Run(100_000, Environment.ProcessorCount, _ => progress.Advance(1));
        progress.Finish();
        Assert.That(output.ToString(), Does.EndWith("Scaling: 100,000 voxels in 1.0 s, 100,000 voxels/s\n"));
    }
}
