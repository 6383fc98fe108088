using LocScale.Parallel;
using MathNet.Numerics.Statistics;

namespace LocScale.Maps.Masks;

/// <summary>
/// Where a model map has density, told by its own values: smoothed by a Gaussian, which makes a molecule solid and has no
/// ripples, it is nearly constant in the solvent and nearly constant in the molecule. What lies above a tenth of the way
/// from the one to the other is within 3 to 4 Å of the atoms, whatever unit, offset or sharpness the map has.
/// </summary>
public sealed class ModelMapEnvelope
{
    // Å: neighbouring helices and strands run together.
    private const double Resolution = 8;

    // Heights between solvent and molecule: of the envelope, of where its soft edge begins, of what is molecule for certain.
    private const double Edge = 0.1, Faint = 0.01, Core = 0.5;

    // What is higher than this part of the highest place is molecule; the middle of it is the molecule's height. Metals and
    // bases are higher than the rest, but not by so much at this resolution.
    private const double OfHighest = 0.25;

    private readonly float[] _smooth;
    private readonly float _solvent, _height;

    /// <summary>Finds the heights of solvent and molecule.</summary>
    /// <param name="map">The model map, [z, y, x].</param>
    /// <param name="size">Its size.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads share the work; the result does not depend on it.</param>
    public ModelMapEnvelope(float[] map, GridSize size, double voxelSize, int threads)
    {
        TeamOfOne team = new();
        DetectionFilter filter = new(size, voxelSize, Resolution);
        OwnPlanes<float> planes = new(map, size, Shares.Even(size.NZ, 1), team);
        _smooth = GC.AllocateUninitializedArray<float>(checked((int)size.Count));
        ThreadedLoop.Run(size.NZ, threads, filter.NewScratch, (z, scratch) =>
            filter.Filter(planes, z, _smooth.AsSpan(size.Index(0, 0, z), size.NX * size.NY), scratch));
        (float lowest, float highest) = (_smooth.Min(), _smooth.Max());
        float[] molecule = [.. _smooth.Where(value => value > lowest + (OfHighest * (highest - lowest)))];
        (_solvent, _height) = (lowest, molecule.Length > 0 ? ArrayStatistics.MedianInplace(molecule) - lowest : 0);
    }

    /// <summary>The envelope: 1 inside, 0 outside, [z, y, x].</summary>
    public byte[] Inside() => Above(Edge);

    /// <summary>What is molecule for certain: 1 inside, 0 outside, [z, y, x].</summary>
    public byte[] Inner() => Above(Core);

    /// <summary>
    /// A mask of 255 in the envelope, which falls to 0 around it like a cosine of the logarithm of the height, over about
    /// 2 Å; [z, y, x].
    /// </summary>
    public byte[] Soft()
    {
        double width = Math.Log(Edge / Faint);
        return Array.ConvertAll(_smooth, value =>
        {
            double height = (value - _solvent) / _height;
            double outwards = height > Faint ? Math.Clamp(Math.Log(Edge / height) / width, 0, 1) : 1;
            return (byte)Math.Round(byte.MaxValue * (0.5 + (0.5 * Math.Cos(Math.PI * outwards))));
        });
    }

    private byte[] Above(double height)
    {
        float least = (float)(_solvent + (height * _height));
        return Array.ConvertAll(_smooth, value => value > least ? (byte)1 : (byte)0);
    }
}
