namespace MPI.Conformance;

internal static class ImmediateChecks
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Everybody sends to everybody, itself included, and memory that moves is held still meanwhile.</summary>
    public static void Transfers(Intracommunicator world)
    {
        const int length = 50_000;
        List<int[]> buffers = [];
        List<ReceiveRequest> receives = [];
        List<Request> sends = [];
        for (int rank = 0; rank < world.Size; rank++)
        {
            buffers.Add(new int[length + 1]);
            receives.Add(world.ImmediateReceive<int>(rank, 3, buffers[rank]));
        }
        for (int rank = 0; rank < world.Size; rank++)
        {
            int[] values = new int[length];
            Array.Fill(values, 100 * world.Rank + rank);
            sends.Add(world.ImmediateSend<int>(values, rank, 3));
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, true, true);
        for (int rank = 0; rank < world.Size; rank++)
        {
            CompletedStatus status = rank % 2 == 0 ? receives[rank].Wait() : receives[rank].Wait(s_pause);
            Checks.Equal(rank, status.Source, "source");
            Checks.Equal(length, status.Count(), "count");
            Checks.True(!buffers[rank].AsSpan(0, length).ContainsAnyExcept(100 * rank + world.Rank), "values");
            Checks.Equal(0, buffers[rank][length], "the element beyond");
            Checks.Equal(status, receives[rank].Test()!.Value, "status again");
        }
        foreach (Request send in sends)
            send.Wait();
    }

    public static void List(Intracommunicator world)
    {
        RequestList list = new();
        int[] values = new int[world.Size];
        for (int rank = 0; rank < world.Size; rank++)
            list.Add(world.ImmediateReceive<int>(rank, 30, values.AsMemory(rank, 1)));
        RequestList sends = new();
        for (int rank = 0; rank < world.Size; rank++)
            sends.Add(world.ImmediateSend<int>(new[] { world.Rank + 1 }, rank, 30));
        for (int left = world.Size; left > 0; left--)
        {
            Request request = list.WaitAny(s_pause);
            int source = request.Wait().Source;
            Checks.Equal(source + 1, values[source], "value");
            Checks.Equal(left - 1, list.Count, "left in the list");
        }
        Checks.Equal(null, list.TestAny(), "none left");
        sends.WaitAll();
        Checks.Equal(0, sends.Count, "sends left");
        Checks.Throws<InvalidOperationException>(() => list.WaitAny(s_pause), "nothing to wait for");
    }

    /// <summary>A rank that waits with pauses for a late one spends little of its core.</summary>
    public static void PatientWaits(Intracommunicator world)
    {
        world.Barrier();
        if (world.Rank == 0)
            Thread.Sleep(1500);
        TimeSpan before = System.Environment.CpuUsage.TotalTime;
        world.ImmediateBarrier().Wait(TimeSpan.FromMilliseconds(20));
        TimeSpan spent = System.Environment.CpuUsage.TotalTime - before;
        Checks.True(spent < TimeSpan.FromMilliseconds(750), $"{spent} of processor time in 1.5 s of waiting");
    }

    public static void Cancel(Intracommunicator world)
    {
        ReceiveRequest request = world.ImmediateReceive<int>(Communicator.anySource, 99, new int[4]);
        Checks.Equal(null, request.Test(), "nobody sends");
        request.Cancel();
        Checks.True(request.Wait().Cancelled, "cancelled");
        world.Barrier();

        // A receive is not cancelled once its message has come.
        request = world.ImmediateReceive<int>(world.Rank, 98, new int[4]);
        world.Send(1, world.Rank, 98);
        CompletedStatus status = request.Wait();
        request.Cancel();
        Checks.True(!status.Cancelled && status.Count() == 1, "received");
    }

    public static void SendToSelf(Intracommunicator world)
    {
        foreach (Intracommunicator communicator in new[] { world, Communicator.self })
        {
            int me = communicator.Rank;
            float[] received = new float[4];
            Request sending = communicator.ImmediateSend<float>(new[] { 1f, 2f, 3f }, me, 11);
            Status status = communicator.Probe(me, Communicator.anyTag);
            Checks.Equal(3, status.Count<float>(), "probed");
            Checks.Equal(3, communicator.Receive<float>(me, 11, received).Count(), "received");
            sending.Wait();
            Checks.Same<float>([1, 2, 3, 0], received, "values");
        }
    }

    /// <summary>
    /// The loop that a distribution of work is made of: rank 0 works itself and serves requests in between,
    /// the others ask for the next piece while they work at the last.
    /// </summary>
    public static void WorkOnDemand(Intracommunicator world)
    {
        const int pieces = 60, askTag = 1, workTag = 2;
        int[] done = new int[pieces];
        if (world.Rank == 0)
        {
            int next = 0, retired = 1;
            while (next < pieces || retired < world.Size)
            {
                if (world.ImmediateProbe(Communicator.anySource, askTag) is { } asked)
                {
                    world.Receive<byte>(asked.Source, askTag);
                    int piece = next < pieces ? next++ : -1;
                    world.Send(piece, asked.Source, workTag);
                    retired += piece < 0 ? 1 : 0;
                }
                else if (next < pieces)
                {
                    done[next++]++;
                }
            }
        }
        else
        {
            int[] piece = new int[1];
            world.Send<byte>(0, 0, askTag);
            world.ImmediateReceive<int>(0, workTag, piece).Wait(s_pause);
            while (piece[0] >= 0)
            {
                int current = piece[0];
                world.Send<byte>(0, 0, askTag);
                ReceiveRequest following = world.ImmediateReceive<int>(0, workTag, piece);
                done[current]++;
                following.Wait(s_pause);
            }
        }
        world.Allreduce<int>(done, Operation.Add);
        Checks.True(!done.AsSpan().ContainsAnyExcept(1), "every piece is done once");
    }
}
