using FFTW.NET;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// A map ends sharply at its faces. Density that is cut there has all frequencies, the more of them the more a filter lifts
/// the high ones, and the derivative of a cut atom by its B-factor is not that of the whole. So along an axis along which
/// atoms come near a face, map, noise and model fall to zero at both faces, softly, before they are filtered.
/// </summary>
internal sealed class FadedFaces
{
    /// <summary>What ends falls to zero over this length, Å.</summary>
    public const double Length = 6;

    /// <summary>How far fading spreads frequencies, 1/Å.</summary>
    public const double Bandwidth = 1 / Length;

    // An atom this near to a face reaches into what fades, with the mask around it and what the filter mixes, Å.
    private const double Near = 2 * Length;

    private readonly RefinementBox _map;
    private readonly bool _alongX, _alongY, _alongZ;

    private FadedFaces(RefinementBox map, IReadOnlyList<Position> atoms)
    {
        _map = map;
        (double depthX, double depthY, double depthZ) = (Near, Near, Near);
        foreach (Position atom in atoms)
        {
            (double x, double y, double z) = Depths(atom);
            // What lies farther off on the other side does not reach into the map.
            if (Math.Min(x, Math.Min(y, z)) > -Near)
                (depthX, depthY, depthZ) = (Math.Min(depthX, x), Math.Min(depthY, y), Math.Min(depthZ, z));
        }
        (_alongX, _alongY, _alongZ) = (depthX < Near, depthY < Near, depthZ < Near);
    }

    /// <summary>The faces of a map that fade; null if atoms come near none.</summary>
    /// <param name="map">The box of the map.</param>
    /// <param name="atoms">The atoms, Å.</param>
    public static FadedFaces? Of(RefinementBox map, IReadOnlyList<Position> atoms)
    {
        FadedFaces faces = new(map, atoms);
        return faces._alongX || faces._alongY || faces._alongZ ? faces : null;
    }

    /// <summary>The factor at a depth below the end, Å: 0 at the end, 1 from <see cref="Length"/> on.</summary>
    public static double Rise(double depth) => 0.5 - (0.5 * Math.Cos(Math.PI * Math.Clamp(depth / Length, 0, 1)));

    /// <summary>The factor at a position, Å.</summary>
    public double At(Position p)
    {
        (double x, double y, double z) = Depths(p);
        return (_alongX ? Rise(x) : 1) * (_alongY ? Rise(y) : 1) * (_alongZ ? Rise(z) : 1);
    }

    /// <summary>The factors along x, y and z of a part of the map, sampled in any way.</summary>
    public (float[] X, float[] Y, float[] Z) Factors(RefinementBox part)
    {
        return (
            Along(_alongX, part.Size.NX, i => Depths(part.Origin with { X = part.Origin.X + (i * part.VoxelX) }).X),
            Along(_alongY, part.Size.NY, i => Depths(part.Origin with { Y = part.Origin.Y + (i * part.VoxelY) }).Y),
            Along(_alongZ, part.Size.NZ, i => Depths(part.Origin with { Z = part.Origin.Z + (i * part.VoxelZ) }).Z));

        static float[] Along(bool fades, int length, Func<int, double> depth) =>
            [.. Enumerable.Range(0, length).Select(i => fades ? (float)Rise(depth(i)) : 1)];
    }

    /// <summary>The mean of the squared factor over the map.</summary>
    public double MeanSquare
    {
        get
        {
            (float[] x, float[] y, float[] z) = Factors(_map);
            return x.Average(f => f * f) * y.Average(f => f * f) * z.Average(f => f * f);
        }
    }

    /// <summary>Multiplies this rank's planes of a map.</summary>
    /// <param name="factors">The factors of the box that is transformed.</param>
    /// <param name="transform">Who has which planes, and how they are stored.</param>
    /// <param name="map">This rank's planes.</param>
    public static void Apply((float[] X, float[] Y, float[] Z) factors, BoxTransform transform, AlignedArray<float> map) =>
        transform.OverPlanes(plane =>
        {
            for (int y = 0; y < transform.Size.NY; y++)
            {
                float factor = factors.Z[transform.FirstPlane + plane] * factors.Y[y];
                Span<float> row = map.AsSpan((plane * transform.RealPlane) + ((long)y * transform.RealStride), transform.Size.NX);
                for (int x = 0; x < row.Length; x++)
                    row[x] *= factor * factors.X[x];
            }
        });

    // How deep a position lies below the nearer of both faces along each axis, half a voxel beyond the outermost points, Å.
    private (double X, double Y, double Z) Depths(Position p)
    {
        return (
            Depth(p.X - _map.Origin.X + (0.5 * _map.VoxelX), _map.Edges.X),
            Depth(p.Y - _map.Origin.Y + (0.5 * _map.VoxelY), _map.Edges.Y),
            Depth(p.Z - _map.Origin.Z + (0.5 * _map.VoxelZ), _map.Edges.Z));

        static double Depth(double place, double edge) => Math.Min(place, edge - place);
    }
}
