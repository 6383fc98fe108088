using LocScale.Maps.Masks;
using LocScale.Mpi.Checkpoints;
using LocScale.Parallel;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>All that the scaling of a map needs: the maps, the voxels to scale, and how.</summary>
/// <param name="Map">The map to sharpen.</param>
/// <param name="Model">The model map, on the same grid; null where windows are sharpened without one.</param>
/// <param name="Mask">The voxels to scale.</param>
/// <param name="Parameters">How a window is scaled.</param>
/// <param name="HalfDifference">Half the difference of the half maps, where they are scaled with the gains of the map.</param>
internal sealed record ScalingTask(
    PaddedMap Map, PaddedMap? Model, VoxelMask Mask, ScalingParameters Parameters, PaddedMap? HalfDifference = null)
{
    /// <summary>What the scaled bricks depend on.</summary>
    /// <param name="process">How it computes.</param>
    public Fingerprint Fingerprint(RankIdentity process) => new Fingerprint(process)
        .Add<ScalingStart>([ScalingStart.From(Parameters)])
        .AddOptions(Map.Size, Map.Part, Map.Outside, Model?.Size, Model?.Part, Model?.Outside)
        .Add<float>(Map.Values).Add<float>(Model?.Values ?? []).Add<float>(HalfDifference?.Values ?? []).Add<byte>(Mask.Values);

    /// <summary>Fills in the message of a planned brick.</summary>
    public void Fill(BrickMessage message, int number, VoxelBox box)
    {
        int window = Parameters.WindowSize, half = window / 2;
        BrickSize size = new(box.NX, box.NY, box.NZ), padded = size.WithWindows(window);
        message.Begin(number, size);
        Map.Copy(box.X - half, box.Y - half, box.Z - half, padded.NX, padded.NY, padded.NZ, message.Map);
        Model?.Copy(box.X - half, box.Y - half, box.Z - half, padded.NX, padded.NY, padded.NZ, message.Model);
        HalfDifference?.Copy(
            box.X - half, box.Y - half, box.Z - half, padded.NX, padded.NY, padded.NZ, message.HalfDifference);
        Span<byte> mask = message.Mask;
        for (int z = 0; z < box.NZ; z++)
        {
            for (int y = 0; y < box.NY; y++)
                Mask.Row(box.X, box.Y + y, box.Z + z, box.NX).CopyTo(mask[(((z * box.NY) + y) * box.NX)..]);
        }
    }
}

/// <summary><see cref="ScalingParameters"/> in the form in which they travel; a fit that is not wanted has no shells.</summary>
internal readonly record struct ScalingStart(
    int WindowSize, int Coverage, int HalfMaps, BFactorRange Measured, BFactorRange Sharpened, double BFactor, double Resolution)
{
    /// <summary>Packs them.</summary>
    public static ScalingStart From(ScalingParameters parameters) => new(
        parameters.WindowSize,
        (int)parameters.Coverage,
        parameters.ScalesHalfMaps ? 1 : 0,
        parameters.BFactors ?? NoShells,
        parameters.Sharpening?.Range ?? NoShells,
        parameters.Sharpening?.BFactor ?? 0,
        parameters.Sharpening?.Resolution ?? 0);

    private static readonly BFactorRange NoShells = new(-1, -1, 0);

    /// <summary>Unpacks them.</summary>
    public ScalingParameters ToParameters() => new(
        WindowSize,
        (ProfileCoverage)Coverage,
        Measured == NoShells ? null : Measured,
        HalfMaps != 0,
        Sharpened == NoShells ? null : new UniformBFactor(Sharpened, BFactor, Resolution));
}

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
