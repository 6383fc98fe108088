namespace LocScale.Mpi.Distribution;

/// <summary>What a message between rank 0 and a worker is.</summary>
internal static class MessageTag
{
    /// <summary>To a worker: a <see cref="ScalingStart"/>; bricks will follow.</summary>
    public const int Start = 1;

    /// <summary>To rank 0: the worker is ready, and for how many bricks at a time.</summary>
    public const int Ready = 2;

    /// <summary>To a worker: a <see cref="BrickMessage"/>.</summary>
    public const int Brick = 3;

    /// <summary>To rank 0: a <see cref="ResultMessage"/>, which asks for another brick as well.</summary>
    public const int Result = 4;

    /// <summary>To a worker: there are no more bricks.</summary>
    public const int NoMoreBricks = 5;

    /// <summary>To a worker: all is done, end.</summary>
    public const int End = 6;

    /// <summary>To rank 0: the worker ends, and this is the most memory it has had, bytes.</summary>
    public const int PeakMemory = 7;

    /// <summary>To a worker: planes of a model map are wanted; the atoms follow.</summary>
    public const int ModelMap = 8;

    /// <summary>To rank 0: planes of a model map, transformed.</summary>
    public const int Planes = 9;

    /// <summary>To a worker: B-factors are to be refined; the atoms and their copies follow.</summary>
    public const int Refinement = 10;

    /// <summary>Between any two ranks: a part of the box that is refined in.</summary>
    public const int RefinementBlock = 11;
}
