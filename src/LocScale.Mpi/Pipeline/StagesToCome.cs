using LocScale.Maps;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Pipeline;

/// <summary>Refuses what the command line knows already and the program does not do yet, rather than leave it out silently.</summary>
internal static class StagesToCome
{
    /// <exception cref="InputException">The run asks for a stage that is not there.</exception>
    public static void Refuse(RunOptions options)
    {
        if (options.ModelCoordinatesPath is not null && !options.SkipRefinement)
            throw new InputException("B-factor refinement is not built in yet: add --skip_refine, and give a model whose B-factors are refined.");
        if (options.Symmetry != "C1" || options.Helical is not null)
            throw new InputException("Symmetry is not built in yet: give a complete model, without -sym and helical flags.");
    }
}
