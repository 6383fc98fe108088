using System.Runtime.ExceptionServices;
using LocScale.Parallel;

namespace LocScale.Tests;

/// <summary>A team whose ranks are threads of this process. They hand each other memory, and check that blocks fit.</summary>
internal sealed unsafe class ThreadTeam : ITeam
{
    private readonly Meeting _meeting;

    private ThreadTeam(Meeting meeting, int rank)
    {
        _meeting = meeting;
        Rank = rank;
    }

    public int Rank { get; }

    public int Size => _meeting.Places.Length;

    /// <summary>Runs the same on every rank and returns what each has made. A failure of one ends all.</summary>
    public static T[] Run<T>(int size, Func<ITeam, T> body)
    {
        using Meeting meeting = new(size);
        T[] results = new T[size];
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = body(new ThreadTeam(meeting, rank));
            }
            catch (Exception exception)
            {
                if (exception is not OperationCanceledException)
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                meeting.End();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        failure?.Throw();
        return results;
    }

    public void Exchange<T>(
        ReadOnlySpan<T> sent, ReadOnlySpan<TeamBlock> outgoing, Span<T> received, ReadOnlySpan<TeamBlock> incoming)
        where T : unmanaged
    {
        fixed (T* data = sent)
        {
            _meeting.Places[Rank] = new Place((nint)data, outgoing.ToArray(), sent.Length);
            _meeting.Wait();
            for (int rank = 0; rank < Size; rank++)
            {
                if (rank == Rank)
                    continue;
                Place other = _meeting.Places[rank];
                TeamBlock block = other.Blocks[Rank];
                if (block.Count != incoming[rank].Count)
                    throw new InvalidOperationException($"Rank {rank} sends {block.Count} elements, and {incoming[rank].Count} are wanted.");
                if (block.Count > 0)
                {
                    new ReadOnlySpan<T>((T*)other.Data, other.Length).Slice(block.First, block.Count)
                        .CopyTo(received.Slice(incoming[rank].First, incoming[rank].Count));
                }
            }
            _meeting.Wait();
        }
    }

    public void Broadcast<T>(Span<T> values)
        where T : unmanaged
    {
        TeamBlock[] outgoing = new TeamBlock[Size], incoming = new TeamBlock[Size];
        if (Rank == 0)
            Array.Fill(outgoing, new TeamBlock(0, values.Length));
        else
            incoming[0] = new TeamBlock(0, values.Length);
        Exchange<T>(values, outgoing, values, incoming);
    }

    private readonly record struct Place(nint Data, TeamBlock[] Blocks, int Length);

    private sealed class Meeting(int size) : IDisposable
    {
        private readonly Barrier _barrier = new(size);
        private readonly CancellationTokenSource _end = new();

        public Place[] Places { get; } = new Place[size];

        public void Wait() => _barrier.SignalAndWait(_end.Token);

        public void End() => _end.Cancel();

        public void Dispose()
        {
            _barrier.Dispose();
            _end.Dispose();
        }
    }
}
