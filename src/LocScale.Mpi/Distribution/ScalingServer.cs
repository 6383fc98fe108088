using LocScale.Mpi.Checkpoints;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// What rank 0 does: hands out the bricks of the plan, to its own threads and to the workers, while results come in. Works
/// alone as well, with threads only.
/// </summary>
/// <remarks>
/// A rank has as many bricks in stock as its part of what is left allows, and three for each thread at most: many while much
/// is left, so that no thread waits for the network, and few at the end, so that all ranks end together (guided
/// self-scheduling, Polychronopoulos and Kuck 1987). What is on its way to workers is bounded in bytes, whatever their
/// number.
/// </remarks>
internal sealed class ScalingServer
{
    // Sleeping leaves the core to the scaling thread, which waiting on a lock would not: that spins first. A brick takes
    // tens of milliseconds, and each thread has others in stock.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);

    /// <summary>Bytes of bricks that workers have not received yet: 60 of the largest with windows of 26 voxels.</summary>
    internal const long MostBytesUnderWay = 1 << 27;

    private readonly Communicator _communicator;
    private readonly ScalingTask _task;
    private readonly Action<int> _advance;
    private readonly PlannedBrick[] _plan;
    private readonly ScaledMaps _scaled;
    private readonly Stack<BrickMessage> _free = new();
    private readonly PendingSends<BrickMessage> _sending;
    private readonly ResultMessage _incoming;

    // Threads of each rank, 0 as long as it is not ready, and the bricks it has.
    private readonly int[] _threads, _stock;
    private readonly bool[] _isFinished;
    private readonly Action<ResultMessage> _keep;
    private long _bytesUnderWay;
    private int _next;
    private int _done;

    private ScalingServer(Communicator communicator, ScalingTask task, Action<ResultMessage> keep, Action<int> advance)
    {
        _communicator = communicator;
        _task = task;
        _keep = keep;
        _advance = advance;
        _plan = BrickPlan.Make(task.Mask);
        _scaled = new ScaledMaps(task.Mask, task.Parameters);
        _sending = new PendingSends<BrickMessage>(Free);
        _incoming = new ResultMessage(task.Parameters);
        _threads = new int[communicator.Size];
        _stock = new int[communicator.Size];
        _isFinished = new bool[_plan.Length];
    }

    /// <summary>Scales the voxels of the mask, here and on all other ranks.</summary>
    /// <param name="communicator">The ranks; those above 0 run <see cref="Worker"/>.</param>
    /// <param name="task">What is to be scaled.</param>
    /// <param name="threads">How many threads scale on this rank.</param>
    /// <param name="finished">Bricks that an earlier run has scaled, as it kept them.</param>
    /// <param name="keep">Is given every brick that is done, to be kept.</param>
    /// <param name="advance">Is told the number of voxels of every brick that is done.</param>
    /// <returns>The maps, and how many bricks each rank scaled.</returns>
    public static (ScaledMaps Maps, int[] BricksOfRanks) Run(
        Communicator communicator,
        ScalingTask task,
        int threads,
        IEnumerable<CheckpointRecord> finished,
        Action<ResultMessage> keep,
        Action<int> advance)
    {
        ScalingServer server = new(communicator, task, keep, advance);
        foreach (CheckpointRecord record in finished)
            server.TakeOver(record);
        return (server._scaled, server.Serve(threads));
    }

    /// <summary>How many bricks a rank may have in stock.</summary>
    /// <param name="left">The bricks that nobody has got yet.</param>
    /// <param name="threads">The threads of the rank.</param>
    /// <param name="ranks">The number of ranks, all of which are taken to have as many threads.</param>
    internal static int StockFor(int left, int threads, int ranks) =>
        Math.Clamp((left + (2 * ranks) - 1) / (2 * ranks), 1, 3 * threads);

    private int[] Serve(int threadCount)
    {
        Worker.Tell(_communicator, MessageTag.Scaling, ScalingStart.From(_task.Parameters));
        using ScalingThreads threads = new(_task.Parameters, threadCount);
        _threads[0] = threadCount;
        int[] bricks = new int[_threads.Length];
        // A worker may be so late that all is done before it says that it is ready; it is heard all the same.
        while (_done < _plan.Length || Array.IndexOf(_threads, 0) >= 0)
        {
            bool wasBusy = HearWorkers(bricks);
            while (threads.TryTake(out BrickMessage? done, out ResultMessage? result))
            {
                wasBusy = true;
                _free.Push(done);
                Accept(0, result, bricks);
                threads.Release(result);
            }
            HandOut(threads);
            if (!wasBusy)
                Thread.Sleep(Pause);
        }
        Worker.Tell(_communicator, MessageTag.NoMoreBricks, 0);
        while (_sending.Any)
            _sending.Poll();
        return bricks;
    }

    /// <summary>Takes a brick that an earlier run has scaled.</summary>
    private void TakeOver(CheckpointRecord record)
    {
        if (record.Number >= _plan.Length || _isFinished[record.Number] || !_incoming.TryLoad(record.Content)
            || _incoming.Number != record.Number || _incoming.Voxels != _plan[record.Number].Voxels)
        {
            return;
        }
        PutInPlace(_incoming);
    }

    /// <summary>Takes what workers send.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool HearWorkers(int[] bricks)
    {
        if (_communicator.Size == 1)
            return false;
        bool wasBusy = false;
        _sending.Poll();
        while (_communicator.ImmediateProbe(Communicator.anySource, Communicator.anyTag) is Status status)
        {
            wasBusy = true;
            if (status.Tag == MessageTag.Ready)
            {
                _threads[status.Source] = _communicator.Receive<int>(status.Source, MessageTag.Ready);
                continue;
            }
            _communicator.Receive(status.Source, MessageTag.Result, _incoming.Buffer);
            Accept(status.Source, _incoming, bricks);
        }
        return wasBusy;
    }

    /// <summary>Gives bricks to the ranks that have room for more, one each in turn, those with the emptiest stock first.</summary>
    private void HandOut(ScalingThreads threads)
    {
        SkipFinished();
        for (int stock = 0; _next < _plan.Length; stock++)
        {
            bool hasRoom = false;
            for (int rank = 0; rank < _threads.Length && _next < _plan.Length; rank++)
            {
                if (_threads[rank] == 0 || _stock[rank] >= StockFor(_plan.Length - _next, _threads[rank], _threads.Length))
                    continue;
                hasRoom |= rank == 0 || _bytesUnderWay < MostBytesUnderWay;
                if (_stock[rank] > stock || (rank > 0 && _bytesUnderWay >= MostBytesUnderWay))
                    continue;
                Give(rank, threads);
            }
            if (!hasRoom)
                return;
        }
    }

    private void Give(int rank, ScalingThreads threads)
    {
        BrickMessage brick = _free.TryPop(out BrickMessage? used) ? used : new BrickMessage(_task.Parameters);
        _task.Fill(brick, _next, _plan[_next].Box);
        _next++;
        SkipFinished();
        _stock[rank]++;
        if (rank == 0)
        {
            threads.Add(brick);
            return;
        }
        _bytesUnderWay += brick.Bytes.Length;
        _sending.Add(_communicator.ImmediateSend(brick.Bytes, rank, MessageTag.Brick), brick);
    }

    private void SkipFinished()
    {
        while (_next < _plan.Length && _isFinished[_next])
            _next++;
    }

    private void Free(BrickMessage sent)
    {
        _bytesUnderWay -= sent.Bytes.Length;
        _free.Push(sent);
    }

    private void Accept(int rank, ResultMessage result, int[] bricks)
    {
        PutInPlace(result);
        _keep(result);
        _stock[rank]--;
        bricks[rank]++;
    }

    private void PutInPlace(ResultMessage result)
    {
        _scaled.Accept(_plan[result.Number].Box, result.Results);
        _isFinished[result.Number] = true;
        _done++;
        _advance(result.Voxels);
    }
}

/// <summary>Messages on their way out, whose memory is free again once MPI has taken them.</summary>
/// <param name="release">Takes back the memory.</param>
internal sealed class PendingSends<TMessage>(Action<TMessage> release)
{
    private readonly List<(Request Request, TMessage Message)> _pending = [];

    /// <summary>Whether some are still on their way.</summary>
    public bool Any => _pending.Count > 0;

    /// <summary>Takes a message that has just been sent off.</summary>
    public void Add(Request request, TMessage message) => _pending.Add((request, message));

    /// <summary>Gives back what has been sent by now. To be called often: MPI makes progress in its calls only.</summary>
    public void Poll()
    {
        for (int i = _pending.Count - 1; i >= 0; i--)
        {
            if (!_pending[i].Request.Test())
                continue;
            release(_pending[i].Message);
            _pending.RemoveAt(i);
        }
    }
}
