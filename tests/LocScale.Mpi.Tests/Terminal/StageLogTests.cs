using LocScale.Mpi.Terminal;

namespace LocScale.Mpi.Tests.Terminal;

public class StageLogTests
{
    [Test]
    public void A_stage_says_when_it_begins_and_how_long_it_took()
    {
        FakeClock clock = new();
        using StringWriter output = new() { NewLine = "\n" };
        StageLog log = new(output, clock);
        using (log.Begin("Resolution from half maps"))
        {
            clock.GoOn(3.44);
            log.Note("3.68 Å at FSC 0.143");
        }
        Assert.That(
            output.ToString(),
            Is.EqualTo("Resolution from half maps ...\n  3.68 Å at FSC 0.143\n  Resolution from half maps: 3.4 s\n"));
    }

    [TestCase(0.04, "0.0 s")]
    [TestCase(59.94, "59.9 s")]
    [TestCase(59.96, "1 min 0 s")]
    [TestCase(125.2, "2 min 5 s")]
    [TestCase(3599.7, "1 h 0 min 0 s")]
    [TestCase(90_061, "25 h 1 min 1 s")]
    public void Durations_are_written_as_people_read_them(double seconds, string text) =>
        Assert.That(Durations.Precise(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));
}
