using System.Diagnostics;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// What the ranks other than 0 do: wait without using the core, and serve one stage after the other. All memory they need
/// depends on the size of a brick and of the model, and on that of their part of the map where work on whole maps is shared.
/// </summary>
internal static class Worker
{
    private static readonly TimeSpan LongestIdleSleep = TimeSpan.FromMilliseconds(20);

    /// <summary>Serves rank 0 until it says that all is done.</summary>
    /// <exception cref="InvalidOperationException">Rank 0 asks for what this program does not know.</exception>
    public static void Run(Intracommunicator communicator, int threads)
    {
        while (true)
        {
            Status status = communicator.Probe(0, Communicator.anyTag, LongestIdleSleep);
            switch (status.Tag)
            {
                case MessageTag.MapWork:
                    SharedMapWork.Serve(communicator, threads);
                    Memory.Return();
                    break;
                case MessageTag.ModelMap:
                    SharedModelMap.Serve(communicator, threads);
                    Memory.Return();
                    break;
                case MessageTag.Refinement:
                    SharedRefinement.Serve(communicator, threads);
                    Memory.Return();
                    break;
                case MessageTag.Scaling:
                    ScalingWorker.Serve(communicator, threads);
                    break;
                case MessageTag.PeakMemory:
                    communicator.Receive<int>(0, MessageTag.PeakMemory);
                    communicator.Send(Memory.PeakOfThisProcess(), 0, MessageTag.PeakMemory);
                    break;
                case MessageTag.End:
                    communicator.Receive<int>(0, MessageTag.End);
                    return;
                default:
                    throw new InvalidOperationException($"Rank 0 sent a message of tag {status.Tag}.");
            }
        }
    }

    /// <summary>The most memory that each rank has had so far, bytes, by rank.</summary>
    public static IReadOnlyList<long> PeakMemories(Communicator communicator)
    {
        Tell(communicator, MessageTag.PeakMemory, 0);
        List<long> peaks = [Memory.PeakOfThisProcess()];
        for (int rank = 1; rank < communicator.Size; rank++)
            peaks.Add(communicator.Receive<long>(rank, MessageTag.PeakMemory));
        return peaks;
    }

    /// <summary>Lets the workers go.</summary>
    public static void EndAll(Communicator communicator) => Tell(communicator, MessageTag.End, 0);

    /// <summary>Sends the same message to all workers.</summary>
    public static void Tell<T>(Communicator communicator, int tag, T message)
        where T : unmanaged
    {
        for (int rank = 1; rank < communicator.Size; rank++)
            communicator.Send(message, rank, tag);
    }
}

/// <summary>The memory of this process.</summary>
internal static class Memory
{
    /// <summary>The most that it has had so far, bytes, libraries included.</summary>
    public static long PeakOfThisProcess()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>
    /// Gives back what maps that are needed no more have left. Spectra lie outside the collector's sight, so that it would
    /// not know in time how much is wanted.
    /// </summary>
    public static void Return() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

/// <summary>What a message between ranks is.</summary>
internal static class MessageTag
{
    /// <summary>To rank 0: who a rank is, see <see cref="Handshake"/>. The same in every build, ever.</summary>
    public const int Introduction = 12;

    /// <summary>To all: where rank 0 listens for signs of life, see <see cref="Heartbeat"/>; and that a rank has tried to reach it.</summary>
    public const int HeartbeatAddress = 13;

    /// <summary>To a worker: something is to be found out of the maps, see <see cref="SharedMapWork"/>.</summary>
    public const int MapWork = 1;

    /// <summary>To a worker: B-factors are to be refined, see <see cref="SharedRefinement"/>; the atoms and their copies follow.</summary>
    public const int Refinement = 2;

    /// <summary>To a worker: a model map is wanted, see <see cref="SharedModelMap"/>; the atoms follow.</summary>
    public const int ModelMap = 3;

    /// <summary>Between any two ranks: a part of what they share in one of these three.</summary>
    public const int TeamBlock = 4;

    /// <summary>To a worker: a <see cref="ScalingStart"/>; bricks will follow.</summary>
    public const int Scaling = 5;

    /// <summary>To rank 0: the worker is ready for bricks.</summary>
    public const int Ready = 6;

    /// <summary>To a worker: a <see cref="BrickMessage"/>.</summary>
    public const int Brick = 7;

    /// <summary>To rank 0: a <see cref="ResultMessage"/>.</summary>
    public const int Result = 8;

    /// <summary>To a worker: there are no more bricks.</summary>
    public const int NoMoreBricks = 9;

    /// <summary>To a worker: all is done, end.</summary>
    public const int End = 10;

    /// <summary>To a worker: how much memory it has had at most; and its answer, bytes.</summary>
    public const int PeakMemory = 11;
}
