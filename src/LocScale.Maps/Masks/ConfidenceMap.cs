using LocScale.Parallel;

namespace LocScale.Maps.Masks;

/// <summary>How a confidence map is made; every rank is told.</summary>
public readonly record struct ConfidenceMapParameters
{
    /// <summary>Resolution of <see cref="DetectionFilter"/>, Å; 0 for none.</summary>
    public double DetectionResolution { get; init; }

    /// <summary>Resolution of <see cref="LowPassFilter"/>, which takes its place, Å; 0 for none.</summary>
    public double LowPassResolution { get; init; }

    /// <summary>Edge of the cubes at the faces in which noise is measured, voxels; 0 for noise wherever there is solvent.</summary>
    public int NoiseBoxEdge { get; init; }

    /// <summary>Against which faces those cubes lie.</summary>
    public NoiseFaces NoiseFaces { get; init; }

    /// <summary>Whether only the ball that fits the longest edge is tested, as in LocScale 2.</summary>
    public bool IsBallOnly { get; init; }

    /// <summary>Edge of the cells in which the noise of the solvent is measured, voxels, at least 1.</summary>
    public int CellEdge { get; init; }

    /// <summary>A cell whose values span no more than this is masked away.</summary>
    public float ConstantSpan { get; init; }

    /// <summary>Whether there are half maps, whose difference tells the noise.</summary>
    public bool HasHalves { get; init; }
}

/// <summary>
/// One minus the false discovery rate at which a voxel counts as signal above the noise of the solvent (Beckers, Jakobi
/// and Sachse 2019, IUCrJ 6, 18): t = (ρ − level)/deviation, p = ½ erfc(t/√2) for t ≥ 0 and 1 below, corrected for the
/// number of tested voxels by <see cref="BenjaminiYekutieli"/>. Each rank has some planes.
/// </summary>
/// <remarks>
/// The recipe: <see cref="DetectionFilter"/>; what is constant in the map was masked away and is neither tested nor noise;
/// the noise of half maps is that of half their difference, filtered alike, around every place; what deviates in the
/// solvent beyond that (without half maps: all of it) is fitted by <see cref="SolventNoise"/>, away from the model; and it
/// is raised where, around some place, the values below the level of the solvent say so.
/// </remarks>
public sealed class ConfidenceMap
{
    private readonly GridSize _size;
    private readonly Shares _planes;
    private readonly ITeam _team;
    private readonly float[] _values;

    internal ConfidenceMap(GridSize size, Shares planes, ITeam team, float[] values)
    {
        (_size, _planes, _team, _values) = (size, planes, team, values);
    }

    /// <summary>Computes the confidence of every voxel, 0 where none was tested; all ranks must do so together.</summary>
    /// <param name="map">The map, [z, y, x], on rank 0; it is only read.</param>
    /// <param name="halfDifference">Half the difference of the half maps, likewise; null without half maps.</param>
    /// <param name="modelCells">
    /// 1 for each cell with density of the model, [z, y, x], on rank 0; null where no model is known.
    /// </param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="how">How it is made.</param>
    /// <param name="team">The ranks.</param>
    /// <param name="threads">How many threads work on this rank; the result depends neither on them nor on the ranks.</param>
    /// <exception cref="InputException">The noise cubes do not fit into the box, or there is no noise in them.</exception>
    public static ConfidenceMap Compute(
        float[]? map, float[]? halfDifference, byte[]? modelCells, GridSize size, double voxelSize,
        ConfidenceMapParameters how, ITeam team, int threads)
    {
        ArgumentNullException.ThrowIfNull(team);
        NoiseCells cells = new(size, how.CellEdge);
        VoxelTest test = new(size, cells, team, threads);
        DetectionFilter? filter =
            how.DetectionResolution > 0 ? new DetectionFilter(size, voxelSize, how.DetectionResolution) : null;
        double lowPass = how.LowPassResolution;
        if (how.NoiseBoxEdge > 0)
        {
            test.Load(Read(lowPass > 0 ? Filtered(map) : map), filter);
            test.MeasureBoxes(how.NoiseBoxEdge, how.NoiseFaces);
            if (how.IsBallOnly)
                test.ExcludeOutsideBall();
            return test.Judge();
        }

        test.Load(Read(lowPass > 0 ? Filtered(map) : map), filter);
        test.ExcludeConstant(lowPass > 0 ? new OwnPlanes<float>(map, size, test.Planes, team) : Read(map), how.ConstantSpan);
        byte[] near = modelCells ?? new byte[cells.Size.Count];
        team.Broadcast<byte>(near);
        int stride = Math.Max(1, (int)Math.Round(2 * (filter?.Deviation ?? 1)));
        test.FitSolvent(near, stride, leastDeviation: 0);
        if (how.HasHalves)
        {
            test.DivideByNoise(Read(lowPass > 0 ? Filtered(halfDifference) : halfDifference), filter);
            test.FitSolvent(near, stride, leastDeviation: 1);
        }
        test.RaiseNoise(near);
        return test.Judge();

        OwnPlanes<float> Read(float[]? all) => new(all, size, test.Planes, team, filter?.Reach ?? 0);

        float[] Filtered(float[]? all)
        {
            using BoxTransform transform = new(size, team, threads);
            return LowPassFilter.Apply(all, transform, voxelSize, lowPass);
        }
    }

    /// <summary>The confidences, [z, y, x], on rank 0; empty on the others.</summary>
    public float[] ToMap() => Gathered(_values);

    /// <summary>The voxels that have at least some confidence; an empty mask on ranks other than 0.</summary>
    public VoxelMask AtLeast(double confidence)
    {
        byte[] mask = Gathered(Array.ConvertAll(_values, value => value >= confidence ? (byte)1 : (byte)0));
        return new VoxelMask(_team.Rank == 0 ? _size : default, mask);
    }

    private T[] Gathered<T>(T[] own)
        where T : unmanaged
    {
        if (_team.Size == 1)
            return own;
        int[] starts = _planes.Starts(checked(_size.NX * _size.NY));
        T[] all = _team.Rank == 0 ? GC.AllocateUninitializedArray<T>(starts[^1]) : [];
        own.AsSpan(0, _team.Rank == 0 ? own.Length : 0).CopyTo(all);
        _team.Gather(own, starts, all);
        return all;
    }
}
