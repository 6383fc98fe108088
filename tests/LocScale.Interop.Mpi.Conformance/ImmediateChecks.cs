namespace MPI.Conformance;

internal static class ImmediateChecks
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Everybody sends to everybody, itself included, and memory that moves is held still meanwhile.</summary>
    public static void Transfers(Intracommunicator world)
    {
        const int length = 50_000;
        List<Request> sends = [];
        for (int rank = 0; rank < world.Size; rank++)
        {
            int[] values = new int[length];
            Array.Fill(values, 100 * world.Rank + rank);
            sends.Add(world.ImmediateSend<int>(values, rank, 3));
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, true, true);
        for (int rank = 0; rank < world.Size; rank++)
        {
            int[] received = new int[length + 1];
            Status status = world.Receive<int>(rank, 3, received);
            Checks.Equal(rank, status.Source, "source");
            Checks.Equal(length, status.Count<int>(), "count");
            Checks.True(!received.AsSpan(0, length).ContainsAnyExcept(100 * rank + world.Rank), "values");
            Checks.Equal(0, received[length], "the element beyond");
        }
        foreach (Request send in sends)
        {
            while (!send.Test())
                Thread.Yield();
            Checks.True(send.Test(), "complete for good");
        }
    }

    /// <summary>A rank that waits with pauses for a late one spends little of its core.</summary>
    public static void PatientWaits(Intracommunicator world)
    {
        Checks.Meet(world);
        TimeSpan before = System.Environment.CpuUsage.TotalTime;
        if (world.Rank == 0)
        {
            Thread.Sleep(1500);
            for (int rank = 1; rank < world.Size; rank++)
                world.Send(rank, rank, 40);
        }
        else
        {
            Checks.Equal(1, world.Probe(0, 40, s_pause).Count<int>(), "probed");
        }
        TimeSpan spent = System.Environment.CpuUsage.TotalTime - before;
        Checks.True(spent < TimeSpan.FromMilliseconds(750), $"{spent} of processor time in 1.5 s of waiting");
        if (world.Rank > 0)
            Checks.Equal(world.Rank, world.Receive<int>(0, 40), "received");
    }

    public static void SendToSelf(Intracommunicator world)
    {
        int me = world.Rank;
        float[] received = new float[4];
        Request sending = world.ImmediateSend<float>(new[] { 1f, 2f, 3f }, me, 11);
        Status status = world.Probe(me, Communicator.anyTag, s_pause);
        Checks.Equal(3, status.Count<float>(), "probed");
        Checks.Equal(status, world.Receive<float>(me, 11, received), "received");
        while (!sending.Test())
            Thread.Yield();
        Checks.Same<float>([1, 2, 3, 0], received, "values");
    }

    /// <summary>
    /// The loop that a distribution of work is made of: rank 0 works itself and serves requests in between,
    /// the others ask for the next piece while they work at the last.
    /// </summary>
    public static void WorkOnDemand(Intracommunicator world)
    {
        const int pieces = 60, askTag = 1, workTag = 2, doneTag = 3;
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
            int[] others = new int[pieces];
            for (int rank = 1; rank < world.Size; rank++)
            {
                world.Receive<int>(rank, doneTag, others);
                for (int piece = 0; piece < pieces; piece++)
                    done[piece] += others[piece];
            }
            Checks.True(!done.AsSpan().ContainsAnyExcept(1), "every piece is done once");
        }
        else
        {
            world.Send<byte>(0, 0, askTag);
            while (true)
            {
                world.Probe(0, workTag, s_pause);
                int piece = world.Receive<int>(0, workTag);
                if (piece < 0)
                    break;
                world.Send<byte>(0, 0, askTag);
                done[piece]++;
            }
            world.Send<int>(done, 0, doneTag);
        }
    }
}
