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
