using LocScale.Mpi.Terminal;

namespace LocScale.Mpi.Tests.Terminal;

public class RunConsoleTests
{
    [TestCase(true, "Resolution from half maps ...\n  3.68 Å at FSC 0.143\n  Resolution from half maps: 3.4 s\nWritten: a.mrc\n")]
    [TestCase(false, "Written: a.mrc\n")]
    public void A_stage_says_when_it_begins_and_how_long_it_took_to_those_who_asked(bool isVerbose, string told)
    {
        FakeClock clock = new();
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter errors = new();
        RunConsole console = new(output, errors, isTerminal: false, isVerbose, clock);
        int result = console.Stage("Resolution from half maps", () =>
        {
            clock.GoOn(3.44);
            console.Say("3.68 Å at FSC 0.143");
            return 7;
        });
        console.Report("Written: a.mrc");
        Assert.That(result, Is.EqualTo(7));
        Assert.That(output.ToString(), Is.EqualTo(told));
        Assert.That(errors.ToString(), Is.Empty);
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
