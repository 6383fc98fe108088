using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LocScale.Tests;

namespace MPI.Tests;

/// <summary>However a rank ends before its time, the whole run ends, non-zero, and says why once.</summary>
public sealed class FailureTests
{
    [TestCase("exception_on_last", "the last rank has had enough")]
    [TestCase("exception_on_all", "all ranks have had enough")]
    [TestCase("exception_on_thread", "a thread of the last rank has had enough")]
    [Category("Mpirun")]
    public void An_exception_ends_all_ranks_with_one_message_and_the_code_asked_for(string check, string message)
    {
        foreach (string implementation in new[] { "openmpi", "mpich" })
        {
            foreach (int ranks in new[] { 1, 3 })
            {
                ProgramRun run = Conformance.Under(implementation, ranks, [check]);
                Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
                Assert.That(
                    (run.Output + run.Error).Split("FAILED InvalidDataException: " + message),
                    Has.Length.EqualTo(2),
                    run.ToString());
                Assert.That(run.Output + run.Error, Does.Not.Contain("Unhandled exception").And.Not.Contain("   at "));
                Assert.That(run.Output, Does.Not.Contain("ok " + check));
            }
        }
    }

    [Test]
    public void A_signal_is_obeyed_once_whether_it_comes_before_or_after_there_is_somebody_to_obey_it()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("SKIPPED: SIGUSR1 has this number on Linux only.");
        using SignalWatch watch = new();
        ConcurrentQueue<PosixSignal> obeyed = new();
        Send();
        // The runtime hears of signals on a thread of its own.
        Thread.Sleep(300);
        watch.ObeyBy(obeyed.Enqueue);
        Assert.That(obeyed, Is.EqualTo([SignalException.TimeIsUp]));
        Send();
        Assert.That(() => obeyed.Count, Is.EqualTo(2).After(5000, 20));

        static void Send() => Assert.That(ProgramRun.Alone("kill", ["-USR1", $"{System.Environment.ProcessId}"]).ExitCode, Is.Zero);
    }

    [Test]
    [Category("Mpirun")]
    public void A_rank_that_dies_or_leaves_ends_all_ranks(
        [Values("openmpi", "mpich")] string implementation,
        [Values("killed", "fail_fast", "exit_without_finalize", "terminated")] string check)
    {
        ProgramRun run = Conformance.Under(implementation, 3, [check]);
        Assert.That(run.ExitCode, Is.Not.Zero, run.ToString());
        Assert.That(run.Output, Does.Not.Contain("ok " + check));
    }

    /// <summary>The others are in the midst of <c>MPI_Init</c> then, and would wait for ever.</summary>
    [Test]
    [Category("Mpirun")]
    public void A_rank_that_fails_before_MPI_starts_ends_all_ranks([Values("openmpi", "mpich")] string implementation, [Values(0, 2)] int rank)
    {
        ProgramRun run = Conformance.UnderWhereRank(rank, implementation, 3, ["exception_on_last"], ("LOCSCALE_MPI_LIBRARY", "/nowhere/libmpi.so"));
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That((run.Output + run.Error).Split("FAILED LibraryNotFoundException: "), Has.Length.EqualTo(2), run.ToString());
        Assert.That(run.Output + run.Error, Does.Not.Contain("had enough"));
    }

    [TestCase("exception_on_last", "the last rank has had enough")]
    [TestCase("exception_on_thread", "a thread of the last rank has had enough")]
    public void Without_a_launcher_an_exception_ends_the_process_in_the_same_way(string check, string message)
    {
        ProgramRun run = Conformance.Alone([check]);
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That(run.Error, Is.EqualTo($"FAILED InvalidDataException: {message}\n"));
    }

    [Test]
    [Category("Long")]
    public void A_receive_that_nobody_can_serve_is_an_error_without_a_launcher()
    {
        ProgramRun run = Conformance.Alone(["receive_from_nobody"]);
        Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
        Assert.That(run.Error, Does.Contain("wait for ever"));
    }
}
