using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using FFTW.NET;
using LocScale.Maps;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Pipeline;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// The first thing that all ranks do together: each tells rank 0 where it runs and of what it is made. Ranks that could not
/// work together, or whose share of the map would be rounded otherwise than that of others, are refused by host and rank.
/// </summary>
internal static class Handshake
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Introduces all ranks to rank 0; called by each of them.</summary>
    /// <returns>On rank 0 what all ranks are, by rank; on the others nothing.</returns>
    /// <exception cref="InputException">On rank 0: they cannot work together.</exception>
    public static IReadOnlyList<RankIdentity> Introduce(Communicator ranks, RunOptions options)
    {
        RankIdentity self = RankIdentity.OfThisProcess(options);
        if (ranks.Rank > 0)
        {
            ranks.Send<byte>(JsonSerializer.SerializeToUtf8Bytes(self), 0, MessageTag.Introduction);
            return [];
        }
        List<RankIdentity> all = [self];
        int patience = Heartbeat.LongestSilenceAtFirst(options.LongestSilence);
        for (int rank = 1; rank < ranks.Size; rank++)
        {
            Status status = Await(ranks, rank, MessageTag.Introduction, patience) ?? throw new InputException(
                $"Rank {rank} has not introduced itself within {patience} s (--silence): it hangs, or is of another build of the program; start all ranks from one.");
            byte[] message = new byte[status.Count<byte>()];
            ranks.Receive<byte>(rank, MessageTag.Introduction, message);
            all.Add(JsonSerializer.Deserialize<RankIdentity>(message)
                ?? throw new InputException($"Rank {rank} introduced itself by nothing: start all ranks from one build of the program."));
        }
        if (Disagreement(all, options.AllowMixedNodes) is string sentence)
            throw new InputException(sentence);
        return all;
    }

    /// <summary>Waits for a message as long as a rank may be silent; null if none comes.</summary>
    /// <param name="ranks">All ranks.</param>
    /// <param name="source">The sender.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="seconds">How long; 0 for ever.</param>
    public static Status? Await(Communicator ranks, int source, int tag, int seconds)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (seconds == 0 || clock.Elapsed.TotalSeconds < seconds)
        {
            if (ranks.ImmediateProbe(source, tag) is Status status)
                return status;
            Thread.Sleep(Pause);
        }
        return null;
    }

    /// <summary>Why ranks cannot work together, naming the first that differs from rank 0; null where they can.</summary>
    /// <param name="ranks">All of them, by rank.</param>
    /// <param name="isMixAllowed">Whether they may round in ways of their own.</param>
    public static string? Disagreement(IReadOnlyList<RankIdentity> ranks, bool isMixAllowed)
    {
        RankIdentity first = ranks[0];
        for (int rank = 1; rank < ranks.Count; rank++)
        {
            RankIdentity other = ranks[rank];
            string who = $"rank {rank} on {other.Host}";
            if (other.Build != first.Build)
                return $"Rank 0 on {first.Host} is build {first.Build} of the program, but {who} is build {other.Build}: start all ranks from the same one.";
            if (other.Arguments != first.Arguments)
                return $"Rank 0 on {first.Host} and {who} were started with different arguments: give all the same.";
            if (isMixAllowed)
                continue;
            (string What, string Mine, string Its)[] rounding =
            [
                ("the C library", first.CLibrary, other.CLibrary),
                (".NET", first.Runtime, other.Runtime),
                ("FFTW", first.Fftw, other.Fftw),
                ("the instruction sets", first.InstructionSets, other.InstructionSets),
            ];
            foreach ((string what, string mine, string its) in rounding)
            {
                if (mine != its)
                {
                    return $"{what[..1].ToUpperInvariant()}{what[1..]} of rank 0 on {first.Host} ({mine}) and of {who} ({its}) differ, and may round differently, so that the last digits of the map "
                        + "would depend on which rank had which part: use nodes of one kind, or allow that with --allow_mixed_nodes.";
                }
            }
        }
        return null;
    }

    /// <summary>What the ranks are, in a few lines for a log.</summary>
    public static IEnumerable<string> Summary(IReadOnlyList<RankIdentity> ranks)
    {
        foreach (IGrouping<string, (RankIdentity Identity, int Rank)> host in ranks.Select((identity, rank) => (identity, rank)).GroupBy(each => each.identity.Host))
        {
            RankIdentity identity = host.First().Identity;
            yield return $"{host.Key}: rank {string.Join(", ", host.Select(each => each.Rank))}, {Range(host.Select(each => each.Identity.Threads))} threads on "
                + $"{Range(host.Select(each => each.Identity.Cores))} cores each, {identity.Processor}, {identity.Mpi}";
        }

        static string Range(IEnumerable<int> values) => values.Min() == values.Max() ? $"{values.Min()}" : $"{values.Min()} to {values.Max()}";
    }
}

/// <summary>Where a rank runs, and what it is made of.</summary>
/// <param name="Host">The machine, as MPI calls it.</param>
/// <param name="Build">The program: its version, and the identity of its code.</param>
/// <param name="Arguments">The command line.</param>
/// <param name="Threads">Threads asked for.</param>
/// <param name="Cores">Cores that the process may use.</param>
/// <param name="Processor">The model of the processor.</param>
/// <param name="InstructionSets">The sets of vector instructions, which decide how FFTW, C library and .NET round.</param>
/// <param name="Fftw">The version of FFTW.</param>
/// <param name="Mpi">The version of MPI.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="CLibrary">The C library, whose exponentials and logarithms are taken.</param>
/// <param name="Memory">What there is for its memory.</param>
internal sealed record RankIdentity(
    string Host, string Build, string Arguments, int Threads, int Cores, string Processor, string InstructionSets, string Fftw,
    string Mpi, string Runtime, string CLibrary, RankMemory Memory)
{
    /// <summary>That of this process.</summary>
    /// <exception cref="FftwException">FFTW is not installed.</exception>
    public static RankIdentity OfThisProcess(RunOptions options) => new(
        MPI.Environment.ProcessorName,
        $"{CommandLineReader.Build}, {Assembly.GetExecutingAssembly().ManifestModule.ModuleVersionId:N}"[..^24],
        options.CommandLine,
        options.Threads,
        System.Environment.ProcessorCount,
        ProcessorModel(),
        string.Join(' ', Supported()),
        FftwLibrary.VersionFor<float>(),
        MPI.Environment.LibraryVersion,
        RuntimeInformation.FrameworkDescription,
        OperatingSystem.IsLinux() ? $"glibc {Marshal.PtrToStringUTF8(VersionOfCLibrary())}" : RuntimeInformation.OSDescription,
        RankMemory.Here());

    private static string ProcessorModel()
    {
        const string information = "/proc/cpuinfo";
        string? line = File.Exists(information)
            ? File.ReadLines(information).FirstOrDefault(each => each.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[^1].Trim() ?? $"{RuntimeInformation.ProcessArchitecture}";
    }

    private static IEnumerable<string> Supported()
    {
        (string Name, bool IsSupported)[] sets =
        [
            ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("AVX-512", Avx512F.IsSupported), ("NEON", AdvSimd.IsSupported),
        ];
        return sets.Where(set => set.IsSupported).Select(set => set.Name);
    }

    [DllImport("libc", EntryPoint = "gnu_get_libc_version")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint VersionOfCLibrary();
}
