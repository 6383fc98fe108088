using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>The threads of one process that scale bricks: bricks in, results out, in any order.</summary>
internal sealed class ScalingThreads : IDisposable
{
    private readonly BlockingCollection<BrickMessage> _waiting = [];
    private readonly ConcurrentQueue<Finished> _finished = new();
    private readonly ConcurrentBag<ResultMessage> _freeResults = [];
    private readonly ScalingParameters _parameters;
    private readonly Thread[] _threads;

    public ScalingThreads(ScalingParameters parameters, int threads)
    {
        _parameters = parameters;
        _threads = [.. Enumerable.Range(1, threads).Select(i => new Thread(Work) { IsBackground = true, Name = $"scaling {i}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>How many bricks keep the threads busy while others are on their way.</summary>
    public int WantedBricks => 3 * _threads.Length;

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
