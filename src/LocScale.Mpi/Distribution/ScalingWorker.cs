using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LocScale.Scaling;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// A worker's part in the scaling: it scales the bricks it is sent and sends the results back. One thread talks to MPI and
/// sleeps in between, so that all of the core's time is the scaling threads'.
/// </summary>
internal static class ScalingWorker
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    /// <summary>Serves rank 0 until there are no more bricks.</summary>
    public static void Serve(Communicator communicator, int threads)
    {
        ScalingStart start = communicator.Receive<ScalingStart>(0, MessageTag.Scaling);
        ScaleBricks(communicator, start.ToParameters(), threads);
    }

    private static void ScaleBricks(Communicator communicator, ScalingParameters parameters, int threadCount)
    {
        using ScalingThreads threads = new(parameters, threadCount);
        Stack<BrickMessage> free = new();
        PendingSends<ResultMessage> sending = new(threads.Release);
        communicator.Send(threadCount, 0, MessageTag.Ready);

        int inWork = 0;
        bool more = true;
        while (more || inWork > 0 || sending.Any)
        {
            bool wasBusy = false;
            while (more && communicator.ImmediateProbe(0, Communicator.anyTag) is Status status)
            {
                if (status.Tag == MessageTag.NoMoreBricks)
                {
                    communicator.Receive<int>(0, MessageTag.NoMoreBricks);
                    more = false;
                    break;
                }
                BrickMessage brick = free.TryPop(out BrickMessage? used) ? used : new BrickMessage(parameters);
                communicator.Receive(0, MessageTag.Brick, brick.Buffer);
                threads.Add(brick);
                inWork++;
                wasBusy = true;
            }
            while (threads.TryTake(out BrickMessage? done, out ResultMessage? result))
            {
                wasBusy = true;
                free.Push(done);
                inWork--;
                sending.Add(communicator.ImmediateSend(result.Bytes, 0, MessageTag.Result), result);
            }
            sending.Poll();
            if (!wasBusy)
                Thread.Sleep(Pause);
        }
    }
}

/// <summary>The threads of one process that scale bricks: bricks in, results out, in any order.</summary>
internal sealed class ScalingThreads : IDisposable
{
    private readonly BlockingCollection<BrickMessage> _waiting = [];
    private readonly ConcurrentQueue<Finished> _finished = new();
    private readonly ConcurrentBag<ResultMessage> _freeResults = [];
    private readonly ScalingParameters _parameters;
    private readonly Thread[] _threads;

    /// <summary>Starts the threads, each with a kernel of its own.</summary>
    /// <param name="parameters">How bricks are scaled.</param>
    /// <param name="threads">How many threads.</param>
    public ScalingThreads(ScalingParameters parameters, int threads)
    {
        _parameters = parameters;
        _threads = [.. Enumerable.Range(1, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"scaling {i}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Hands in a brick; its memory belongs to the threads until its result comes out.</summary>
    public void Add(BrickMessage brick) => _waiting.Add(brick);

    /// <summary>Takes a result out, if there is one.</summary>
    /// <exception cref="AggregateException">A thread failed.</exception>
    public bool TryTake(
        [NotNullWhen(true)] out BrickMessage? brick, [NotNullWhen(true)] out ResultMessage? result)
    {
        bool taken = _finished.TryDequeue(out Finished finished);
        if (finished.Failure is not null)
            throw new AggregateException(finished.Failure);
        brick = finished.Brick;
        result = finished.Result;
        return taken;
    }

    /// <summary>Gives the memory of a result back.</summary>
    public void Release(ResultMessage result) => _freeResults.Add(result);

    public void Dispose()
    {
        _waiting.CompleteAdding();
        foreach (Thread thread in _threads)
            thread.Join();
        _waiting.Dispose();
    }

    private void Work()
    {
        try
        {
            using WindowScaler scaler = new(_parameters);
            foreach (BrickMessage brick in _waiting.GetConsumingEnumerable())
            {
                if (!_freeResults.TryTake(out ResultMessage? result))
                    result = new ResultMessage(_parameters);
                result.Begin(brick.Number, brick.Mask.Length - brick.Mask.Count((byte)0));
                scaler.Scale(new Brick(brick.Size, brick.Mask, brick.Map, brick.Model, brick.HalfDifference), result.Results);
                _finished.Enqueue(new Finished(brick, result, null));
            }
        }
#pragma warning disable CA1031 // Whatever happens on this thread is told to the one that waits for its results.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _finished.Enqueue(new Finished(null, null, failure));
        }
    }

    private readonly record struct Finished(BrickMessage? Brick, ResultMessage? Result, Exception? Failure);
}
