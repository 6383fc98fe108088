namespace LocScale.Mpi.Distribution;

/// <summary>What a message between ranks is.</summary>
internal static class MessageTag
{
    /// <summary>To rank 0: who a rank is, see <see cref="Handshake"/>. The same in every build, ever.</summary>
    public const int Introduction = 12;

    /// <summary>To all: where rank 0 listens for signs of life, see <see cref="Heartbeat"/>.</summary>
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
