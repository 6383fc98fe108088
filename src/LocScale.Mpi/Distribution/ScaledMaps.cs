using LocScale.Maps.Masks;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>The results of a run while they come in: zero outside the mask.</summary>
internal sealed class ScaledMaps
{
    private readonly VoxelMask _mask;

    public ScaledMaps(VoxelMask mask, ScalingParameters parameters)
    {
        _mask = mask;
        Values = new float[mask.Size.Count];
        if (parameters.ScalesHalfMaps)
            HalfDifferences = new float[mask.Size.Count];
        if (parameters.BFactors is not null)
        {
            BFactors = new float[mask.Size.Count];
            Fits = new float[mask.Size.Count];
        }
    }

    /// <summary>The sharpened map, [z, y, x].</summary>
    public float[] Values { get; }

    /// <summary>Local B-factors, Å²; null where they are not measured.</summary>
    public float[]? BFactors { get; }

    /// <summary>How well they fit, R²; null where they are not measured.</summary>
    public float[]? Fits { get; }

    /// <summary>Half the difference of the scaled half maps; null where they are not scaled.</summary>
    public float[]? HalfDifferences { get; }

    /// <summary>Puts the results of a brick in their place.</summary>
    public void Accept(VoxelBox box, in ScaledVoxels results)
    {
        GridSize size = _mask.Size;
        int next = 0;
        for (int z = box.Z; z < box.EndZ; z++)
        {
            for (int y = box.Y; y < box.EndY; y++)
            {
                ReadOnlySpan<byte> row = _mask.Row(box.X, y, z, box.NX);
                for (int x = 0; x < row.Length; x++)
                {
                    if (row[x] == 0)
                        continue;
                    int place = size.Index(box.X + x, y, z);
                    Values[place] = results.Values[next];
                    if (BFactors is not null && Fits is not null)
                    {
                        BFactors[place] = results.BFactors[next];
                        Fits[place] = results.Fits[next];
                    }
                    if (HalfDifferences is not null)
                        HalfDifferences[place] = results.HalfDifferences[next];
                    next++;
                }
            }
        }
    }
}
