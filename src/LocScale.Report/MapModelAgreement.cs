using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Report;

/// <summary>
/// How a map agrees with a reference within a mask, before and after it was sharpened, shell by shell: amplitudes, and
/// Fourier shell correlations. The maps are cut to the mask, whose edge fades over some voxels inwards, since outside the
/// sharpened map is nothing.
/// </summary>
public static class ShellAgreement
{
    // The fading edge, Å, and at least so many voxels between the mask and its repetition.
    private const double Edge = 5;
    private const int Apart = 8;

    // 1/Å; shells to either side that a mean goes over; fewer shells than the last tell nothing.
    private const double CoarseFrom = 1 / 20.0, CoarseTo = 1 / 10.0;
    private const int SmoothedShells = 2;
    private const int LeastShells = 3;

    /// <summary>Compares three maps of one grid.</summary>
    /// <param name="input">The map before, [z, y, x].</param>
    /// <param name="output">The map after.</param>
    /// <param name="reference">What both are compared with; null where there is none.</param>
    /// <param name="mask">The voxels that were sharpened; not empty.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public static AgreementSummary Of(
        float[] input, float[] output, float[]? reference, VoxelMask mask, double voxelSize, int threads)
    {
        ArgumentNullException.ThrowIfNull(mask);
        VoxelBox part = mask.Bounds(VoxelBox.All(mask.Size)) ?? throw new ArgumentException("The mask is empty.", nameof(mask));
        GridSize size = new(Length(part.NX), Length(part.NY), Length(part.NZ));
        byte[] weights = Weights(mask, part, voxelSize);
        using BoxTransform transform = new(size, new TeamOfOne(), threads);
        SpectrumGrid grid = SpectrumGrid.ToNyquist(transform, voxelSize);
        using AlignedArray<Complex32> ofReference = transform.NewSpectrum(), ofMap = transform.NewSpectrum();
        Transform(reference ?? output, ofReference);
        Transform(input, ofMap);
        ShellSums before = grid.Sums(ofMap, ofReference);
        Transform(output, ofMap);
        ShellSums after = grid.Sums(ofMap, ofReference);
        return new AgreementSummary(
            grid.Frequencies, Amplitudes(before.FirstPower), reference is null ? null : Amplitudes(before.SecondPower),
            Amplitudes(after.FirstPower), reference is null ? null : before.Correlations(), reference is null ? null : after.Correlations());

        double[] Amplitudes(double[] power) => [.. power.Zip(before.Counts, (sum, count) => Math.Sqrt(sum / Math.Max(1, count)))];

        void Transform(float[] map, AlignedArray<Complex32> spectrum)
        {
            double mean = Mean(map, mask, part, weights);
            transform.Forwards(
                (y, z, row) =>
                {
                    row.Clear();
                    if (y >= part.NY || z >= part.NZ)
                        return;
                    ReadOnlySpan<float> values = map.AsSpan(mask.Size.Index(part.X, part.Y + y, part.Z + z), part.NX);
                    ReadOnlySpan<byte> weight = weights.AsSpan(((z * part.NY) + y) * part.NX, part.NX);
                    for (int x = 0; x < values.Length; x++)
                        row[x] = (float)((values[x] - mean) * weight[x] / 255);
                },
                spectrum);
        }
    }

    /// <summary>
    /// Where a map lost most of its detail: the shell beyond 10 Å whose amplitude fell most, compared with coarse detail, of
    /// 20 to 10 Å. Logarithms of the gains are averaged over five shells, by the coefficients in them.
    /// </summary>
    /// <param name="agreement">The amplitudes before and after.</param>
    /// <param name="finest">Up to which resolution, Å.</param>
    /// <returns>The resolution of the shell, Å, and what is left there of the amplitude; null where there are too few shells.</returns>
    public static (double Angstrom, double Left)? WeakestShell(AgreementSummary agreement, double finest)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        double[] frequencies = [.. agreement.Frequencies];
        double[] logarithms = [.. agreement.OutputAmplitude.Zip(agreement.InputAmplitude, (after, before) => Math.Log(after / before))];
        if (Mean(shell => frequencies[shell] is >= CoarseFrom and <= CoarseTo) is not double coarse)
            return null;
        (double Angstrom, double Left)[] fine =
        [
            .. Enumerable.Range(0, frequencies.Length).Where(shell => frequencies[shell] > CoarseTo && frequencies[shell] <= 1 / finest)
                .Select(shell => (1 / frequencies[shell], Math.Exp((Mean(other => Math.Abs(other - shell) <= SmoothedShells) ?? coarse) - coarse))),
        ];
        return fine.Length < LeastShells ? null : fine.MinBy(shell => shell.Left);

        double? Mean(Func<int, bool> isMeant)
        {
            int[] shells = [.. Enumerable.Range(1, frequencies.Length - 1).Where(shell => isMeant(shell) && double.IsFinite(logarithms[shell]))];
            double weights = shells.Sum(shell => frequencies[shell] * frequencies[shell]);
            return weights > 0 ? shells.Sum(shell => frequencies[shell] * frequencies[shell] * logarithms[shell]) / weights : null;
        }
    }

    private static int Length(int part) => TransformLength.AtLeast(part + Apart, isEven: true);

    /// <summary>The mean of a map by weights.</summary>
    private static double Mean(float[] map, VoxelMask mask, VoxelBox part, byte[] weights)
    {
        double sum = 0, all = 0;
        for (int z = 0; z < part.NZ; z++)
        {
            for (int y = 0; y < part.NY; y++)
            {
                ReadOnlySpan<float> values = map.AsSpan(mask.Size.Index(part.X, part.Y + y, part.Z + z), part.NX);
                ReadOnlySpan<byte> weight = weights.AsSpan(((z * part.NY) + y) * part.NX, part.NX);
                for (int x = 0; x < values.Length; x++)
                {
                    sum += weight[x] * (double)values[x];
                    all += weight[x];
                }
            }
        }
        return sum / Math.Max(1, all);
    }

    /// <summary>0 to 255 by the distance from what lies outside the mask, [z, y, x] of the part.</summary>
    private static byte[] Weights(VoxelMask mask, VoxelBox part, double voxelSize)
    {
        // Beyond the part there is nothing of the mask.
        GridSize around = new(part.NX + 2, part.NY + 2, part.NZ + 2);
        byte[] outside = new byte[around.Count];
        Array.Fill(outside, (byte)1);
        for (int z = 0; z < part.NZ; z++)
        {
            for (int y = 0; y < part.NY; y++)
            {
                ReadOnlySpan<byte> row = mask.Row(part.X, part.Y + y, part.Z + z, part.NX);
                for (int x = 0; x < row.Length; x++)
                    outside[around.Index(x + 1, y + 1, z + 1)] = row[x] == 0 ? (byte)1 : (byte)0;
            }
        }
        double edge = Math.Max(Edge / voxelSize, 2);
        byte[] lost = new byte[outside.Length];
        MaskSurroundings.Weigh(new VoxelMask(around, outside), edge, distance => (byte)Math.Round(255 * Math.Pow(Math.Cos(Math.PI / 2 * Math.Min(1, distance / edge)), 2)), lost);
        byte[] weights = new byte[(long)part.NX * part.NY * part.NZ];
        for (int z = 0, i = 0; z < part.NZ; z++)
        {
            for (int y = 0; y < part.NY; y++)
            {
                for (int x = 0; x < part.NX; x++, i++)
                    weights[i] = (byte)(outside[around.Index(x + 1, y + 1, z + 1)] != 0 ? 0 : 255 - lost[around.Index(x + 1, y + 1, z + 1)]);
            }
        }
        return weights;
    }
}

/// <summary>How well a map correlates with the model map around each residue of the model.</summary>
public static class ResidueFit
{
    private const int LeastVoxels = 8;

    /// <summary>Correlates them.</summary>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="modelMap">The model map, of the same grid.</param>
    /// <param name="mask">The voxels that count.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="model">The model.</param>
    /// <param name="placed">Its atoms in the frame of the map, with their sources.</param>
    /// <param name="radius">How far from an atom a voxel may be, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    /// <returns>A correlation for each residue of the model; null where it has hardly a voxel in the mask.</returns>
    public static double?[] Of(
        float[] map, float[] modelMap, VoxelMask mask, double voxelSize, AtomicModel model, ScatteringModel placed, double radius,
        int threads)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(modelMap);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(placed);
        List<Position>[] atoms = new List<Position>[model.Residues.Length];
        for (int i = 0; i < placed.Atoms.Length; i++)
        {
            int residue = model.Atoms[placed.Sources[i]].ResidueIndex;
            if (residue >= 0 && residue < atoms.Length && !placed.Atoms[i].Element.IsHydrogen)
                (atoms[residue] ??= []).Add(placed.Atoms[i].Position);
        }
        double?[] correlations = new double?[atoms.Length];
        ThreadedLoop.Run(atoms.Length, threads, residue =>
            correlations[residue] = atoms[residue] is { } own ? Around(own, map, modelMap, mask, voxelSize, radius) : null);
        return correlations;
    }

    private static double? Around(
        List<Position> atoms, float[] map, float[] modelMap, VoxelMask mask, double voxelSize, double radius)
    {
        GridSize size = mask.Size;
        HashSet<int> voxels = [];
        foreach (Position atom in atoms)
        {
            (int fromX, int endX) = Range(atom.X, size.NX);
            (int fromY, int endY) = Range(atom.Y, size.NY);
            (int fromZ, int endZ) = Range(atom.Z, size.NZ);
            for (int z = fromZ; z < endZ; z++)
            {
                for (int y = fromY; y < endY; y++)
                {
                    for (int x = fromX; x < endX; x++)
                    {
                        int place = size.Index(x, y, z);
                        if (mask.Values[place] != 0 && atom.SquaredDistance(voxelSize * new Position(x, y, z)) <= radius * radius)
                            voxels.Add(place);
                    }
                }
            }
        }
        if (voxels.Count < LeastVoxels)
            return null;
        int first = voxels.Min();
        MapCorrelation correlation = new(map[first], modelMap[first]);
        foreach (int place in voxels.Order())
            correlation.Add(map[place], modelMap[place]);
        return correlation.Value;

        (int From, int End) Range(double position, int length) => (
            Math.Max(0, (int)Math.Ceiling((position - radius) / voxelSize)),
            Math.Min(length, (int)Math.Floor((position + radius) / voxelSize) + 1));
    }
}
