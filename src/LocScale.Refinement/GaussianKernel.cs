using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LocScale.Models.Atoms;

namespace LocScale.Refinement;

/// <summary>
/// The density of one atom on the grid, five separable Gaussians:
/// ρ(d) = occ Σ aᵢ (4π/(bᵢ+B))^{3/2} exp(−4π² d²/(bᵢ+B)), as values along each axis; amplitudes are in those of z.
/// </summary>
internal unsafe struct GaussianKernel
{
    /// <summary>The most voxels along an axis, and the distance from one Gaussian's values to the next one's.</summary>
    public const int MaximumWidth = 128;

    /// <summary>How many Gaussians.</summary>
    public const int Terms = ElectronFormFactor.GaussianCount;

    public fixed float X[Terms * MaximumWidth];
    public fixed float Y[Terms * MaximumWidth];
    public fixed float Z[Terms * MaximumWidth];

    /// <summary>The first voxel and the number of voxels along each axis, all within the box.</summary>
    public int FirstX, FirstY, FirstZ, CountX, CountY, CountZ;

    /// <summary>How far the density of an atom reaches, Å: past it lies less than 10⁻⁴ of it.</summary>
    public static double Radius(ElectronFormFactor formFactor, double b)
    {
        double amplitude = 0, width = 0;
        for (int i = 0; i < Terms; i++)
        {
            amplitude += formFactor.Amplitudes[i];
            width += formFactor.Amplitudes[i] * formFactor.Widths[i];
        }
        return (3.7 * Math.Sqrt((b + Math.Max(width / amplitude, 0)) / 78.957)) + 1;
    }

    /// <summary>Computes the values of an atom for the planes from firstPlane up to, excluding, lastPlane.</summary>
    public void Set(RefinementBox box, Scatterer atom, double b, int firstPlane, int lastPlane)
    {
        Position centre = box.ToVoxels(atom.Position);
        double radius = Radius(atom.FormFactor, b);
        (FirstX, CountX) = Span(centre.X, radius / box.VoxelX, 0, box.Size.NX);
        (FirstY, CountY) = Span(centre.Y, radius / box.VoxelY, 0, box.Size.NY);
        (FirstZ, CountZ) = Span(centre.Z, radius / box.VoxelZ, firstPlane, lastPlane);
        for (int i = 0; i < Terms; i++)
        {
            double width = atom.FormFactor.Widths[i] + b;
            double decay = -4 * Math.PI * Math.PI / width;
            double amplitude = atom.Occupancy * atom.FormFactor.Amplitudes[i]
                * Math.Pow(4 * Math.PI / width, 1.5);
            fixed (float* x = X, y = Y, z = Z)
            {
                Fill(x + (i * MaximumWidth), FirstX, CountX, centre.X, decay * box.VoxelX * box.VoxelX, 1);
                Fill(y + (i * MaximumWidth), FirstY, CountY, centre.Y, decay * box.VoxelY * box.VoxelY, 1);
                Fill(z + (i * MaximumWidth), FirstZ, CountZ, centre.Z, decay * box.VoxelZ * box.VoxelZ, (float)amplitude);
            }
        }
    }

    /// <summary>The density of eight voxels along x, for the products of the values along y and z.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Density(
        float* gx,
        int x,
        Vector256<float> c0,
        Vector256<float> c1,
        Vector256<float> c2,
        Vector256<float> c3,
        Vector256<float> c4)
    {
        const int w = MaximumWidth;
        return (c0 * Vector256.Load(gx + x)) + (c1 * Vector256.Load(gx + w + x)) + (c2 * Vector256.Load(gx + (2 * w) + x))
            + (c3 * Vector256.Load(gx + (3 * w) + x)) + (c4 * Vector256.Load(gx + (4 * w) + x));
    }

    private static (int First, int Count) Span(double centre, double radius, int lowest, int end)
    {
        radius = Math.Min(radius, (MaximumWidth / 2) - 9);
        int first = Math.Max(lowest, (int)Math.Ceiling(centre - radius));
        int last = Math.Min(end - 1, (int)Math.Floor(centre + radius));
        return (first, Math.Max(0, last - first + 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(float* values, int first, int count, double centre, double decay, float amplitude)
    {
        for (int j = 0; j < count; j++)
        {
            double d = first + j - centre;
            values[j] = amplitude * MathF.Exp((float)(decay * d * d));
        }
        // Rows are worked on eight at a time.
        for (int j = count; j < ((count + 7) & ~7); j++)
            values[j] = 0;
    }
}
