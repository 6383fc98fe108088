using LocScale.Maps.Masks;
using LocScale.Mpi.Checkpoints;
using LocScale.Scaling;

namespace LocScale.Mpi.Distribution;

/// <summary>All that the scaling of a map needs: the maps, the voxels to scale, and how.</summary>
/// <param name="Map">The map to sharpen.</param>
/// <param name="Model">The model map, on the same grid.</param>
/// <param name="Mask">The voxels to scale.</param>
/// <param name="Parameters">How a window is scaled.</param>
/// <param name="HalfDifference">Half the difference of the half maps, where they are scaled with the gains of the map.</param>
internal sealed record ScalingTask(
    PaddedMap Map, PaddedMap Model, VoxelMask Mask, ScalingParameters Parameters, PaddedMap? HalfDifference = null)
{
    /// <summary>What the scaled bricks depend on.</summary>
    /// <param name="process">How it computes.</param>
    public Fingerprint Fingerprint(RankIdentity process) => new Fingerprint(process)
        .Add<ScalingStart>([ScalingStart.From(Parameters)])
        .AddOptions(Map.Size, Map.Part, Map.Outside, Model.Size, Model.Part, Model.Outside)
        .Add<float>(Map.Values).Add<float>(Model.Values).Add<float>(HalfDifference?.Values ?? []).Add<byte>(Mask.Values);

    /// <summary>Fills in the message of a planned brick.</summary>
    public void Fill(BrickMessage message, int number, VoxelBox box)
    {
        int window = Parameters.WindowSize, half = window / 2;
        BrickSize size = new(box.NX, box.NY, box.NZ), padded = size.WithWindows(window);
        message.Begin(number, size);
        Map.Copy(box.X - half, box.Y - half, box.Z - half, padded.NX, padded.NY, padded.NZ, message.Map);
        Model.Copy(box.X - half, box.Y - half, box.Z - half, padded.NX, padded.NY, padded.NZ, message.Model);
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

/// <summary><see cref="ScalingParameters"/> in the form in which they travel.</summary>
internal readonly record struct ScalingStart(
    int WindowSize, int Coverage, int FirstShell, int EndShell, double SquaredFrequencyStep, int HalfMaps)
{
    public static ScalingStart From(ScalingParameters parameters) =>
        parameters.BFactors is BFactorRange range
            ? new(parameters.WindowSize, (int)parameters.Coverage, range.FirstShell, range.EndShell, range.SquaredFrequencyStep, parameters.ScalesHalfMaps ? 1 : 0)
            : new(parameters.WindowSize, (int)parameters.Coverage, -1, -1, 0, parameters.ScalesHalfMaps ? 1 : 0);

    public ScalingParameters ToParameters() => new(
        WindowSize,
        (ProfileCoverage)Coverage,
        FirstShell < 0 ? null : new BFactorRange(FirstShell, EndShell, SquaredFrequencyStep),
        HalfMaps != 0);
}
