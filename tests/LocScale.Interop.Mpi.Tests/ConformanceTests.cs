using LocScale.Tests;

namespace MPI.Tests;

/// <summary>The same checks give the same answers under every library and any number of ranks.</summary>
public sealed class ConformanceTests
{
    private static readonly string[] s_checks =
    [
        "session", "exceptions_after_start", "child_process",
        "ring", "element_types", "structures", "empty_message", "message_order", "wildcard_probe", "immediate_probe",
        "immediate_transfers", "patient_waits", "send_to_self", "work_on_demand",
        "broadcast", "broadcast_in_pieces", "derived_types",
        "truncation", "invalid_rank", "invalid_tag",
    ];

    [Test]
    [Category("Mpirun")]
    public void All_checks_hold_under_a_launcher(
        [Values("openmpi", "mpich")] string implementation, [Values(1, 2, 3, 4)] int ranks)
    {
        // MPICH's ranks wait without ever leaving their core to the others: minutes where there are far more than cores.
        if (implementation == "mpich" && ranks > System.Environment.ProcessorCount + 1)
            Assert.Ignore($"SKIPPED: {ranks} ranks of MPICH on {System.Environment.ProcessorCount} cores take minutes.");
        ProgramRun run = Conformance.Under(implementation, ranks, []);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Passed(run), Is.EqualTo(s_checks), run.ToString());
        Assert.That(run.Output, Does.Contain($"size {ranks} library"));
        Assert.That(run.Output, Does.Contain(NameOf(implementation)));
    }

    [Test]
    [Category("Long")]
    public void All_checks_hold_without_a_launcher_and_without_any_library()
    {
        ProgramRun run = Conformance.Alone([.. s_checks, "no_library"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Passed(run), Is.EqualTo(s_checks.Append("no_library")), run.ToString());
        Assert.That(run.Output, Does.Contain("size 1 library none"));
    }

    [Test]
    [Category("Long")]
    public void A_library_asked_for_by_name_works_without_a_launcher([Values("openmpi", "mpich")] string implementation)
    {
        ProgramRun.RequireLauncher(implementation);
        ProgramRun run = Conformance.Alone([], ("LOCSCALE_MPI", implementation));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Passed(run), Is.EqualTo(s_checks), run.ToString());
        Assert.That(run.Output, Does.Contain(NameOf(implementation)));
    }

    [TestCase("openmpi", "libmpi.so.40")]
    [TestCase("mpich", "libmpich.so.12")]
    [Category("Mpirun")]
    public void A_library_given_by_file_is_asked_for_its_binary_interface(string implementation, string file)
    {
        ProgramRun.RequireLauncher(implementation);
        ProgramRun run = Conformance.Under(implementation, 2, ["session", "ring"], ("LOCSCALE_MPI_LIBRARY", file));
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Passed(run), Is.EqualTo(["session", "ring"]), run.ToString());
        Assert.That(run.Output, Does.Contain(NameOf(implementation)));
    }

    [TestCase("openmpi", Category = "Exhaustive")]
    [TestCase("mpich")]
    [Category("Mpirun")]
    public void A_message_and_a_broadcast_of_more_than_two_to_the_31_bytes_arrive_whole(string implementation)
    {
        ProgramRun run = Conformance.Under(implementation, 2, ["large_message", "large_broadcast"]);
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Passed(run), Is.EqualTo(["large_message", "large_broadcast"]), run.ToString());
    }

    private static IEnumerable<string> Passed(ProgramRun run) =>
        run.Output.Split('\n').Where(line => line.StartsWith("ok ", StringComparison.Ordinal)).Select(line => line[3..]);

    private static string NameOf(string implementation) => implementation == "openmpi" ? "Open MPI" : "MPICH";
}
