using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>What it takes to scale bricks somewhere else.</summary>
/// <param name="SecondsPerVoxel">Of one thread, for one voxel of the mask.</param>
/// <param name="BytesPerSecond">Of the link of rank 0, which sends one brick after the other.</param>
/// <param name="Latency">Seconds until a message begins to arrive.</param>
internal readonly record struct SchedulingCosts(double SecondsPerVoxel, double BytesPerSecond, double Latency);

/// <summary>What came of it.</summary>
/// <param name="Seconds">From the first brick to the last result.</param>
/// <param name="BusyShare">The share of that time, over all threads, in which bricks were scaled.</param>
/// <param name="LinkShare">The share in which rank 0 was sending or receiving.</param>
internal readonly record struct SimulatedSchedule(double Seconds, double BusyShare, double LinkShare);

/// <summary>
/// Plays through how <see cref="ScalingServer"/> hands out bricks, with any number of ranks: its stock for each rank, its
/// limit of bytes under way, its one link, and threads that take as long as a brick has voxels. Nothing is computed.
/// </summary>
internal static class ScheduleSimulation
{
    /// <summary>Plays a plan through.</summary>
    /// <param name="plan">The bricks, in the order in which they are handed out.</param>
    /// <param name="parameters">How they are scaled, which tells the size of a message.</param>
    /// <param name="ranks">The ranks; 0 has the bricks, and scales as well.</param>
    /// <param name="threads">The threads of each.</param>
    /// <param name="costs">What a brick and a message take.</param>
    public static SimulatedSchedule Run(
        IReadOnlyList<PlannedBrick> plan, ScalingParameters parameters, int ranks, int threads, SchedulingCosts costs)
    {
        double[] seconds = [.. plan.Select(brick => brick.Voxels * costs.SecondsPerVoxel)];
        long[] bytes = [.. plan.Select(brick => BrickMessage.LengthFor(new BrickSize(brick.Box.NX, brick.Box.NY, brick.Box.NZ), parameters))];
        int[] stock = new int[ranks];
        // When each thread has done what it has.
        double[][] free = [.. Enumerable.Range(0, ranks).Select(_ => new double[threads])];
        PriorityQueue<(int Rank, bool HasArrived, long Bytes), double> events = new();
        double now = 0, linkFree = 0, linkBusy = 0, busy = 0, end = 0;
        long underWay = 0;
        int next = 0;
        while (true)
        {
            HandOut();
            if (!events.TryDequeue(out (int Rank, bool HasArrived, long Bytes) happened, out now))
                return new SimulatedSchedule(end, busy / (ranks * threads * Math.Max(end, double.Epsilon)), linkBusy / Math.Max(end, double.Epsilon));
            if (happened.HasArrived)
                underWay -= happened.Bytes;
            else
                stock[happened.Rank]--;
            end = now;
        }

        void HandOut()
        {
            for (int level = 0; next < plan.Count; level++)
            {
                bool hasRoom = false;
                for (int rank = 0; rank < ranks && next < plan.Count; rank++)
                {
                    if (stock[rank] >= ScalingServer.StockFor(plan.Count - next, threads, ranks))
                        continue;
                    bool isBlocked = rank > 0 && underWay >= ScalingServer.MostBytesUnderWay;
                    hasRoom |= !isBlocked;
                    if (stock[rank] <= level && !isBlocked)
                        Give(rank, next++);
                }
                if (!hasRoom)
                    return;
            }
        }

        void Give(int rank, int brick)
        {
            stock[rank]++;
            double there = now;
            if (rank > 0)
            {
                there = Send(now, bytes[brick]);
                underWay += bytes[brick];
                events.Enqueue((rank, true, bytes[brick]), there);
            }
            int thread = Array.IndexOf(free[rank], free[rank].Min());
            double done = Math.Max(there, free[rank][thread]) + seconds[brick];
            free[rank][thread] = done;
            busy += seconds[brick];
            double heard = rank > 0 ? done + costs.Latency + (plan[brick].Voxels * sizeof(float) / costs.BytesPerSecond) : done;
            events.Enqueue((rank, false, 0), heard);
        }

        double Send(double from, long length)
        {
            double takes = length / costs.BytesPerSecond;
            linkFree = Math.Max(linkFree, from) + takes;
            linkBusy += takes;
            return linkFree + costs.Latency;
        }
    }
}
