using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;
using LocScale.Mpi.Terminal;

namespace LocScale.Mpi.Pipeline;

/// <summary>Tells of density that the map shows and the model has no atoms for, which scaling to the model's amplitudes takes away.</summary>
internal static class UnmodelledDensityNotice
{
    /// <summary>Of the density: less is not worth a word.</summary>
    public const double UntoldShare = 0.01;

    /// <summary>Tells how much there is, where, and what becomes of it.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="inputs">The maps.</param>
    /// <param name="unmodelled">The density; null where there is none.</param>
    /// <param name="console">What is told.</param>
    public static void Tell(RunOptions options, InputMaps inputs, UnmodelledDensity? unmodelled, RunConsole console)
    {
        if (options.HasNoModel || unmodelled is not { Share: >= UntoldShare })
            return;
        (double x, double y, double z) = inputs.Map.Frame.FirstVoxel;
        string found = $"{inputs.MapName} shows what {options.ModelCoordinatesPath} does not explain: {unmodelled.Sentence(new Position(x, y, z))}";
        if (options.CompleteModel)
            console.Say($"{found}. The reference is completed there");
        else
            console.Warn([$"{found}. Scaled to the amplitudes of the model, such density fades, to a fifth and less far from all atoms: add the atoms, or complete the reference with --complete_model."]);
    }
}
