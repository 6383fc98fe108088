using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Symmetry;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Terminal;
using MPI;

namespace LocScale.Mpi.Pipeline;

/// <summary>Compares the map with the copies of itself that the symmetry makes, and tells where it does not obey.</summary>
internal static class SymmetryChecking
{
    /// <summary>Checks, before the refinement, which a wrong symmetry may bring to an end.</summary>
    public static SymmetryAgreement Check(
        RunOptions options,
        Intracommunicator ranks,
        InputMaps inputs,
        AtomicModel? atoms,
        ModelSymmetry symmetry,
        RunConsole console)
    {
        ScatteringModel? complete = null;
        if (atoms is not null && options.Compatibility == Compatibility.None)
        {
            ModelPlacement placed = ModelPlacement.InFrameOf(atoms, inputs.Map.Size, inputs.Map.Frame, inputs.MapName);
            complete = symmetry.IsHelical ? placed.Model : symmetry.Complete(atoms, placed, inputs.Map);
        }
        SymmetryAgreement agreement = symmetry.AgreementOf(ranks, inputs.Map, complete, options.Threads);
        if (!symmetry.IsHelical && MapSymmetry.Warning(agreement.Smallest, symmetry.Group, inputs.MapName) is string sentence)
            console.Warn([sentence]);
        console.Say($"Map and copies correlate by {agreement.Smallest:0.00} to {agreement.Best:0.00} at {ModelFit.ComparedResolution} Å");
        return agreement;
    }
}
