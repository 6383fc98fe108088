using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>How the density of a model is sampled: on which grid, with how much blur, how far from each atom.</summary>
public sealed class DensityRecipe
{
    // The density is spread on a grid this much finer, and blurred until B + blur of the sharpest atom is this many
    // voxels² (of the map) along its narrowest direction. A coefficient at the map's Nyquist frequency of an axis then
    // has an alias of exp(−60 · 3/16) = 1e-5 of it. The alias of a coefficient of a tensor's long direction may come
    // from its short one, where the atom scatters more: anisotropic atoms need exp(−88 · 3/16) = 7e-8, and their tails
    // to exp(−34).
    private const double Oversampling = 1.5;
    private const double IsotropicBlurInVoxels = 60;
    private const double AnisotropicBlurInVoxels = 88;
    private const double IsotropicTail = 20;
    private const double AnisotropicTail = 34;

    // LocScale 2, from its rule of thumb for a sampling of 1.1 of the resolution.
    private const double LocScale2BlurInVoxels = 8 * Math.PI * Math.PI / 1.1;

    private DensityRecipe(
        GridSize size, double voxelSize, GridSize grid, double blur, BlurCorrection correction,
        Func<ElectronFormFactor, double, double> cutoff)
    {
        Size = size;
        VoxelSize = voxelSize;
        Grid = grid;
        Blur = blur;
        Correction = correction;
        Cutoff = cutoff;
    }

    /// <summary>The map.</summary>
    public GridSize Size { get; }

    /// <summary>The map's voxel size, Å.</summary>
    public double VoxelSize { get; }

    /// <summary>The grid over the same box that the density is spread on.</summary>
    public GridSize Grid { get; }

    /// <summary>What is added to all B-factors for the spreading and taken out again, Å². May be negative.</summary>
    public double Blur { get; }

    internal BlurCorrection Correction { get; }

    /// <summary>The radius in Å of the density of an atom: form factor, B with blur in Å².</summary>
    internal Func<ElectronFormFactor, double, double> Cutoff { get; }

    /// <summary>
    /// Spread on a grid 1.5 times finer, blurred or sharpened to a width that this grid samples well, cropped in Fourier
    /// space to the map's grid, and corrected exactly.
    /// </summary>
    /// <param name="size">The map.</param>
    /// <param name="voxelSize">Its voxel size, Å.</param>
    /// <param name="model">The atoms.</param>
    /// <exception cref="ArgumentOutOfRangeException">The map is empty, or the voxel size is no positive number.</exception>
    public static DensityRecipe Exact(GridSize size, double voxelSize, ScatteringModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(size, voxelSize);
        bool isotropic = model.Anisotropic.Length == 0;
        double width = isotropic ? IsotropicBlurInVoxels : AnisotropicBlurInVoxels;
        double tail = isotropic ? IsotropicTail : AnisotropicTail;
        GridSize grid = new(Finer(size.NX), Finer(size.NY), Finer(size.NZ));
        double blur = (width * voxelSize * voxelSize) - model.SmallestB();
        return new DensityRecipe(
            size, voxelSize, grid, blur, new ExactBlurCorrection(size, voxelSize, blur),
            (formFactor, b) => DensityCutoff.Exact(formFactor, b, tail));

        static int Finer(int n) => TransformLength.AtLeast((int)Math.Ceiling(Oversampling * n));
    }

    /// <summary>
    /// LocScale 2's recipe: on the map's own grid, blurred to 8π²/1.1 voxels², cut off at a density of 1e-5 and
    /// corrected shell by shell.
    /// </summary>
    /// <inheritdoc cref="Exact"/>
    public static DensityRecipe LocScale2(GridSize size, double voxelSize, ScatteringModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(size, voxelSize);
        double blur = Math.Max(0, (LocScale2BlurInVoxels * voxelSize * voxelSize) - model.SmallestB());
        return new DensityRecipe(
            size, voxelSize, size, blur, new SteppedBlurCorrection(size, voxelSize, blur), DensityCutoff.LocScale2);
    }

    private static void Require(GridSize size, double voxelSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size.Shortest, 1, nameof(size));
        if (!(voxelSize > 0 && double.IsFinite(voxelSize)))
            throw new ArgumentOutOfRangeException(nameof(voxelSize), voxelSize, "A voxel size is above 0.");
    }
}

/// <summary>How far from an atom its density is spread.</summary>
internal static class DensityCutoff
{
    // LocScale calls gemmi with this density level.
    private const double LocScale2Level = 1e-5;

    /// <summary>The radius, Å, where the widest Gaussian of an atom has fallen to exp(−tail) of its peak.</summary>
    /// <param name="formFactor">The atom's form factor.</param>
    /// <param name="blurredB">Its B-factor, blur included, Å²; along its longest axis if it is anisotropic.</param>
    /// <param name="tail">The exponent at that radius.</param>
    public static double Exact(ElectronFormFactor formFactor, double blurredB, double tail)
    {
        double widest = 0;
        foreach (double width in formFactor.Widths)
            widest = Math.Max(widest, width + blurredB);
        return Math.Sqrt(tail * widest) / (2 * Math.PI);
    }

    /// <summary>
    /// The radius, Å, where the density of an atom of occupancy 1 is 1e-5, found as LocScale 2 and the library it calls
    /// do: from an estimate in steps of 0.5 Å, then one linear interpolation.
    /// </summary>
    /// <param name="formFactor">The atom's form factor.</param>
    /// <param name="blurredB">Its B-factor, blur included, Å².</param>
    public static double LocScale2(ElectronFormFactor formFactor, double blurredB)
    {
        double near = (8.5 + (0.075 * blurredB)) / (2.4 + (0.0045 * blurredB));
        double nearDensity = Density(formFactor, blurredB, near);
        double far = near, farDensity = nearDensity;
        if (nearDensity < LocScale2Level)
        {
            while (nearDensity < LocScale2Level && near > 0)
            {
                (far, farDensity) = (near, nearDensity);
                near -= 0.5;
                nearDensity = Density(formFactor, blurredB, near);
            }
        }
        else
        {
            while (farDensity > LocScale2Level)
            {
                (near, nearDensity) = (far, farDensity);
                far += 0.5;
                farDensity = Density(formFactor, blurredB, far);
            }
        }
        return near + ((near - far) / (nearDensity - farDensity) * (LocScale2Level - nearDensity));
    }

    private static double Density(ElectronFormFactor formFactor, double b, double distance)
    {
        double sum = 0;
        for (int i = 0; i < ElectronFormFactor.GaussianCount; i++)
        {
            double width = formFactor.Widths[i] + b;
            double normalisation = Math.Pow(4 * Math.PI / width, 1.5);
            sum += formFactor.Amplitudes[i] * normalisation * Math.Exp(-4 * Math.PI * Math.PI * distance * distance / width);
        }
        return sum;
    }
}
