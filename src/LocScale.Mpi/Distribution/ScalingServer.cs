using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// What rank 0 does: hands out the bricks of the plan, to its own threads and to every worker that asks, while results
/// come in. Works alone as well, with threads only.
/// </summary>
internal sealed class ScalingServer
{
    // Sleeping leaves the core to the scaling thread, which waiting on a lock would not: that spins first. A brick takes
    // tens of milliseconds, and each thread has others in stock.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    private readonly Communicator _communicator;
    private readonly ScalingTask _task;
    private readonly Action<int> _advance;
    private readonly PlannedBrick[] _plan;
    private readonly ScaledMaps _scaled;
    private readonly Stack<BrickMessage> _free = new();
    private readonly PendingSends<BrickMessage> _sending;
    private readonly ResultMessage _incoming;
    private int _readyWorkers;
    private int _next;
    private int _done;

    private ScalingServer(Communicator communicator, ScalingTask task, Action<int> advance)
    {
        _communicator = communicator;
        _task = task;
        _advance = advance;
        _plan = BrickPlan.Make(task.Mask);
        bool withBFactors = task.Parameters.BFactors is not null;
        _scaled = new ScaledMaps(task.Mask, withBFactors);
        _sending = new PendingSends<BrickMessage>(_free.Push);
        _incoming = new ResultMessage(withBFactors);
    }

    /// <summary>Scales the voxels of the mask, here and on all other ranks.</summary>
    /// <param name="communicator">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="task">What is to be scaled.</param>
    /// <param name="threads">How many threads scale on this rank.</param>
    /// <param name="advance">Is told the number of voxels of every brick that is done.</param>
    public static ScaledMaps Run(Communicator communicator, ScalingTask task, int threads, Action<int> advance)
    {
        ScalingServer server = new(communicator, task, advance);
        server.Serve(threads);
        return server._scaled;
    }

    private void Serve(int threadCount)
    {
        Worker.Tell(_communicator, MessageTag.Start, ScalingStart.From(_task.Parameters));
        using ScalingThreads threads = new(_task.Parameters, threadCount);
        int inWork = 0;
        // A worker may be so late that all is done before it says that it is ready; it is heard all the same.
        while (_done < _plan.Length || _readyWorkers < _communicator.Size - 1)
        {
            bool wasBusy = ServeWorkers();
            for (; inWork < threads.WantedBricks && NextBrick() is BrickMessage brick; inWork++)
                threads.Add(brick);
            while (threads.TryTake(out BrickMessage? done, out ResultMessage? result))
            {
                wasBusy = true;
                inWork--;
                _free.Push(done);
                Accept(result);
                threads.Release(result);
            }
            if (!wasBusy)
                Thread.Sleep(Pause);
        }
        Worker.Tell(_communicator, MessageTag.NoMoreBricks, 0);
        while (_sending.Any)
            _sending.Poll();
    }

    /// <summary>Takes the results of workers and sends them new bricks.</summary>
    /// <returns>Whether there was anything to do.</returns>
    private bool ServeWorkers()
    {
        if (_communicator.Size == 1)
            return false;
        bool wasBusy = false;
        _sending.Poll();
        while (_communicator.ImmediateProbe(Communicator.anySource, Communicator.anyTag) is Status status)
        {
            wasBusy = true;
            int credit = 1;
            if (status.Tag == MessageTag.Ready)
            {
                credit = _communicator.Receive<int>(status.Source, MessageTag.Ready);
                _readyWorkers++;
            }
            else
            {
                _communicator.Receive(status.Source, MessageTag.Result, _incoming.Buffer);
                Accept(_incoming);
            }
            for (; credit > 0 && NextBrick() is BrickMessage brick; credit--)
                _sending.Add(_communicator.ImmediateSend(brick.Bytes, status.Source, MessageTag.Brick), brick);
        }
        return wasBusy;
    }

    private BrickMessage? NextBrick()
    {
        if (_next == _plan.Length)
            return null;
        BrickMessage message = _free.TryPop(out BrickMessage? used) ? used : new BrickMessage(_task.Parameters.WindowSize);
        _task.Fill(message, _next, _plan[_next].Box);
        _next++;
        return message;
    }

    private void Accept(ResultMessage result)
    {
        _scaled.Accept(_plan[result.Number].Box, result.Results);
        _done++;
        _advance(result.Voxels);
    }
}
