using LocScale.Mpi.Distribution;
using LocScale.Mpi.Pipeline;

namespace LocScale.Mpi.Tests.Distribution;

/// <summary>Which ranks may work together, and what is said of those that may not.</summary>
public sealed class HandshakeTests
{
    private static readonly RankIdentity s_first = new(
        "node01", "0.1.0 (0123456789), ab", "-hm a b", 4, 4, "EPYC", "SSE4.2 AVX AVX2 FMA", "fftw-3.3.10", "Open MPI v4.1.4", ".NET 10.0.1", "glibc 2.36",
        new RankMemory("node01", [], null));

    [Test]
    public void Ranks_of_one_kind_agree() =>
        Assert.That(Handshake.Disagreement([s_first, s_first with { Host = "node02" }, s_first], false), Is.Null);

    [Test]
    public void Processors_cores_and_threads_may_differ()
    {
        RankIdentity other = s_first with { Host = "node02", Cores = 2, Threads = 8, Processor = "Xeon", Mpi = "Open MPI v4.1.6" };
        Assert.That(Handshake.Disagreement([s_first, other], false), Is.Null);
        Assert.That(Handshake.Summary([s_first, other, other with { Threads = 4 }]), Is.EqualTo(new[]
        {
            "node01: rank 0, 4 threads on 4 cores each, EPYC, Open MPI v4.1.4",
            "node02: rank 1, 2, 4 to 8 threads on 2 cores each, Xeon, Open MPI v4.1.6",
        }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Rank_of_another_build_is_refused_in_any_case(bool isMixAllowed) =>
        Assert.That(
            Handshake.Disagreement([s_first, s_first, s_first with { Host = "node02", Build = "0.2.0" }], isMixAllowed),
            Is.EqualTo("Rank 0 on node01 is build 0.1.0 (0123456789), ab of the program, but rank 2 on node02 is build 0.2.0: start all ranks from the same one."));

    [Test]
    public void Rank_with_other_arguments_is_refused() =>
        Assert.That(
            Handshake.Disagreement([s_first, s_first with { Arguments = "-hm a c" }], true),
            Is.EqualTo("Rank 0 on node01 and rank 1 on node01 were started with different arguments: give all the same."));

    [Test]
    public void Ranks_that_may_round_differently_are_refused_unless_that_is_allowed()
    {
        (RankIdentity Other, string What)[] cases =
        [
            (s_first with { CLibrary = "glibc 2.40" }, "The C library of rank 0 on node01 (glibc 2.36) and of rank 1 on node01 (glibc 2.40) differ"),
            (s_first with { Runtime = ".NET 10.0.2" }, ".NET of rank 0"),
            (s_first with { Fftw = "fftw-3.3.8" }, "FFTW of rank 0"),
            (s_first with { InstructionSets = "SSE4.2" }, "The instruction sets of rank 0 on node01 (SSE4.2 AVX AVX2 FMA) and of rank 1 on node01 (SSE4.2) differ"),
        ];
        foreach ((RankIdentity other, string what) in cases)
        {
            Assert.That(Handshake.Disagreement([s_first, other], false), Does.StartWith(what).And.EndsWith("or allow that with --allow_mixed_nodes."));
            Assert.That(Handshake.Disagreement([s_first, other], true), Is.Null);
        }
    }
}
