using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>The atoms of a model with what spreading them on a grid needs to know of each.</summary>
internal sealed class SpreadAtoms
{
    // A point of an atom is five products.
    private const double CostOfPoint = 5, CostOfTransform = 30;

    private readonly float[] _radii;
    private readonly int[] _places;

    /// <summary>Finds how far each atom reaches.</summary>
    /// <param name="model">The atoms.</param>
    /// <param name="recipe">The grid, the blur and the radii.</param>
    /// <exception cref="ArgumentException">An atom is of an element that does not scatter.</exception>
    public SpreadAtoms(ScatteringModel model, DensityRecipe recipe)
    {
        Model = model;
        Grid = recipe.Grid;
        Blur = recipe.Blur;
        StepX = recipe.Size.NX * recipe.VoxelSize / Grid.NX;
        StepY = recipe.Size.NY * recipe.VoxelSize / Grid.NY;
        StepZ = recipe.Size.NZ * recipe.VoxelSize / Grid.NZ;
        double[] largestOfTensor = Array.ConvertAll(model.Anisotropic, tensor => tensor.LargestB);
        _radii = new float[model.Atoms.Length];
        for (int i = 0; i < _radii.Length; i++)
        {
            ScatteringAtom atom = model.Atoms[i];
            if (!ElectronFormFactors.TryGet(atom.Element, out ElectronFormFactor? formFactor))
                throw new ArgumentException($"Element {atom.Element} does not scatter.", nameof(model));
            double b = atom.AnisotropicIndex < 0 ? atom.BIso : largestOfTensor[atom.AnisotropicIndex];
            _radii[i] = (float)recipe.Cutoff(formFactor, b + Blur);
        }
        double[] points = PointsOfPlanes();
        Planes = [.. Enumerable.Range(0, Grid.NZ).Where(z => points[z] > 0)];
        Costs = Array.ConvertAll(
            Planes, z => (CostOfPoint * points[z]) + (CostOfTransform * Grid.NX * Grid.NY));
        _places = new int[Grid.NZ];
        Array.Fill(_places, -1);
        foreach ((int place, int z) in Planes.Index())
            _places[z] = place;
    }

    /// <summary>The atoms.</summary>
    public ScatteringModel Model { get; }

    /// <summary>The grid.</summary>
    public GridSize Grid { get; }

    /// <summary>What is added to all B-factors, Å².</summary>
    public double Blur { get; }

    /// <summary>The grid's step along x, Å.</summary>
    public double StepX { get; }

    /// <summary>The grid's step along y, Å.</summary>
    public double StepY { get; }

    /// <summary>The grid's step along z, Å.</summary>
    public double StepZ { get; }

    /// <summary>The planes of the grid that atoms reach, in their order; all others hold nothing.</summary>
    public int[] Planes { get; }

    /// <summary>About how much work each of <see cref="Planes"/> makes: the points of its atoms, and its transform.</summary>
    public double[] Costs { get; }

    /// <summary>How far an atom reaches, Å.</summary>
    public double Radius(int atom) => _radii[atom];

    /// <summary>The atoms that reach into each of the slabs, in the order of the model.</summary>
    /// <param name="firstPlane">The first plane of the first slab, counted among <see cref="Planes"/>.</param>
    /// <param name="planeCount">The number of planes of all slabs together.</param>
    /// <param name="planesOfSlab">The number of planes of a slab; the last may have fewer.</param>
    /// <returns>The indices of the atoms, slab after slab, and where each slab starts; one more start ends the last.</returns>
    public (int[] Atoms, int[] Starts) BySlab(int firstPlane, int planeCount, int planesOfSlab)
    {
        int slabs = (planeCount + planesOfSlab - 1) / planesOfSlab;
        int[] starts = new int[slabs + 1];
        ForEachSlab((_, slab) => starts[slab + 1]++);
        for (int slab = 0; slab < slabs; slab++)
            starts[slab + 1] += starts[slab];
        int[] atoms = new int[starts[slabs]];
        int[] next = starts[..slabs];
        ForEachSlab((atom, slab) => atoms[next[slab]++] = atom);
        return (atoms, starts);

        void ForEachSlab(Action<int, int> action)
        {
            for (int i = 0; i < _radii.Length; i++)
            {
                GridRange planes = PlanesOf(i);
                // The grid is periodic: an atom at its end may reach the first slab last.
                int firstSlab = -1, previous = -1;
                for (int p = 0; p < Math.Min(planes.Count, Grid.NZ); p++)
                {
                    int plane = PlaceOf(planes.Wrapped(p, Grid.NZ)) - firstPlane;
                    if (plane < 0 || plane >= planeCount)
                        continue;
                    int slab = plane / planesOfSlab;
                    if (slab == previous || slab == firstSlab)
                        continue;
                    if (firstSlab < 0)
                        firstSlab = slab;
                    previous = slab;
                    action(i, slab);
                }
            }
        }
    }

    /// <summary>The planes an atom reaches, which may lie below 0 or beyond the grid: the grid is periodic.</summary>
    public GridRange PlanesOf(int atom) =>
        GridRange.Around(Model.Atoms[atom].Position.Z, _radii[atom], StepZ, Grid.NZ);

    /// <summary>The place of a plane of the grid among <see cref="Planes"/>, or −1.</summary>
    public int PlaceOf(int z) => _places[z];

    private double[] PointsOfPlanes()
    {
        double[] points = new double[Grid.NZ];
        for (int i = 0; i < _radii.Length; i++)
        {
            GridRange planes = PlanesOf(i);
            double ofPlane = Math.Max(1, Math.PI * _radii[i] / StepX * _radii[i] / StepY);
            for (int p = 0; p < Math.Min(planes.Count, Grid.NZ); p++)
                points[planes.Wrapped(p, Grid.NZ)] += ofPlane;
        }
        return points;
    }
}
