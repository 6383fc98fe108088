using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>
/// A mask around the atoms of a model, in a periodic box: 1 up to <see cref="Radius"/> from an atom, from there it falls to
/// 0 like a cosine. Every rank has its own planes; a voxel has the same value whoever has it.
/// </summary>
public sealed class SoftEnvelope
{
    /// <summary>The mask is 1 up to this distance from an atom, Å.</summary>
    public const double Radius = ModelFit.EnvelopeRadius;

    /// <summary>Over this length it falls to 0, Å.</summary>
    public const double Edge = 3;

    private readonly BoxTransform _transform;
    private readonly float[] _values;

    /// <summary>Makes this rank's planes.</summary>
    /// <param name="model">The atoms; the same on all ranks.</param>
    /// <param name="transform">The box, and who has which planes.</param>
    /// <param name="voxelSize">The voxel size, Å.</param>
    public SoftEnvelope(ScatteringModel model, BoxTransform transform, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(transform);
        _transform = transform;
        GridSize size = transform.Size;
        _values = GC.AllocateUninitializedArray<float>(checked(transform.PlaneCount * size.NX * size.NY));
        (int[] atoms, int[] starts) = ByPlane(model, transform, voxelSize);
        transform.OverPlanes(z =>
        {
            Span<float> plane = _values.AsSpan(size.Index(0, 0, z), size.NX * size.NY);
            plane.Fill((float)Squared(Radius + Edge));
            foreach (int atom in atoms.AsSpan(starts[z], starts[z + 1] - starts[z]))
                Near(model.Atoms[atom], transform.FirstPlane + z, size, voxelSize, plane);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = (float)At(Math.Sqrt(plane[i]));
        });
    }

    /// <summary>The mask at a distance from the nearest atom, Å.</summary>
    public static double At(double distance) =>
        0.5 - (0.5 * Math.Cos(Math.PI * Math.Clamp(1 - ((distance - Radius) / Edge), 0, 1)));

    /// <summary>Reads a row of one of this rank's planes.</summary>
    public void Read(int y, int z, Span<float> row) =>
        _values.AsSpan(_transform.Size.Index(0, y, z - _transform.FirstPlane), row.Length).CopyTo(row);

    /// <summary>The atoms that reach into each of this rank's planes, and where those of each plane start.</summary>
    private static (int[] Atoms, int[] Starts) ByPlane(ScatteringModel model, BoxTransform transform, double voxelSize)
    {
        int[] starts = new int[transform.PlaneCount + 1];
        ForEachPlane((_, plane) => starts[plane + 1]++);
        for (int plane = 0; plane < transform.PlaneCount; plane++)
            starts[plane + 1] += starts[plane];
        int[] atoms = new int[starts[^1]], next = starts[..^1];
        ForEachPlane((atom, plane) => atoms[next[plane]++] = atom);
        return (atoms, starts);

        void ForEachPlane(Action<int, int> action)
        {
            int count = transform.Size.NZ;
            for (int i = 0; i < model.Atoms.Length; i++)
            {
                GridRange planes = GridRange.Around(model.Atoms[i].Position.Z, Radius + Edge, voxelSize, count);
                for (int p = 0; p < Math.Min(planes.Count, count); p++)
                {
                    int plane = planes.Wrapped(p, count) - transform.FirstPlane;
                    if (plane >= 0 && plane < transform.PlaneCount)
                        action(i, plane);
                }
            }
        }
    }

    /// <summary>Lowers the squared distances of a plane to those from an atom.</summary>
    private static void Near(ScatteringAtom atom, int z, GridSize size, double voxelSize, Span<float> plane)
    {
        double depth = Math.IEEERemainder((z * voxelSize) - atom.Position.Z, size.NZ * voxelSize);
        GridRange alongY = GridRange.Around(atom.Position.Y, Radius + Edge, voxelSize, size.NY);
        GridRange alongX = GridRange.Around(atom.Position.X, Radius + Edge, voxelSize, size.NX);
        for (int j = 0; j < alongY.Count; j++)
        {
            double yz = Squared(depth) + Squared(alongY.Offset + (j * voxelSize));
            Span<float> row = plane.Slice(alongY.Wrapped(j, size.NY) * size.NX, size.NX);
            for (int i = 0; i < alongX.Count; i++)
            {
                float squared = (float)(yz + Squared(alongX.Offset + (i * voxelSize)));
                ref float nearest = ref row[alongX.Wrapped(i, size.NX)];
                nearest = Math.Min(nearest, squared);
            }
        }
    }

    private static double Squared(double length) => length * length;
}
