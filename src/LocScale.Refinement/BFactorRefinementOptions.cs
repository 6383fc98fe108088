using LocScale.Models.Symmetry;

namespace LocScale.Refinement;

/// <summary>How B-factors are refined.</summary>
public sealed record BFactorRefinementOptions
{
    /// <summary>The resolution up to which the map is used, Å. Beyond the map's Nyquist limit it is Nyquist.</summary>
    public required double Resolution { get; init; }

    /// <summary>The most cycles to take; fewer where the shifts vanish earlier.</summary>
    public int MaximumCycles { get; init; } = 10;

    /// <summary>How many threads share the work. The result does not depend on it, to the last bit.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The B-factor all atoms start from, Å².</summary>
    public double StartBFactor { get; init; } = 40;

    /// <summary>The lower limit, Å².</summary>
    public double MinimumBFactor { get; init; } = 0.5;

    /// <summary>The upper limit, Å².</summary>
    public double MaximumBFactor { get; init; } = 500;

    /// <summary>Whether hydrogens scatter. Their B-factor is that of the atom they ride on in any case.</summary>
    public bool ScatterHydrogens { get; init; }

    /// <summary>
    /// The motions that take the particle to itself; the identity need not be in the list. Atoms of the model that are
    /// copies of one another share a B-factor; copies that the model lacks scatter with the B-factors of its atoms. So
    /// an asymmetric unit and the complete particle give the same.
    /// </summary>
    public IReadOnlyList<RigidMotion> Copies { get; init; } = [];

    /// <summary>Called after every cycle.</summary>
    public Action<RefinementCycle>? Progress { get; init; }
}
