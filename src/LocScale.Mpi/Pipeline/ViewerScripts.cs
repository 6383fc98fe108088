using System.Globalization;
using System.Text;
using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Pipeline;

/// <summary>What there is to see of a run.</summary>
/// <param name="OutputPath">The sharpened map.</param>
/// <param name="MapPaths">The map that was sharpened, or the two half maps whose mean was.</param>
/// <param name="ModelPath">The model whose B-factors colour it; null where there is none.</param>
/// <param name="Levels">Where the contours lie.</param>
internal sealed record ViewedRun(string OutputPath, IReadOnlyList<string> MapPaths, string? ModelPath, ContourLevels Levels);

/// <summary>The density at which the contours of a map before and after enclose the same volume.</summary>
/// <param name="Before">That of the map before, in its own units.</param>
/// <param name="After">That of the sharpened map.</param>
/// <param name="Volume">The volume within the mask that they enclose, Å³.</param>
internal readonly record struct ContourLevels(double Before, double After, double Volume)
{
    // Protein: 0.73 cm³/g, as Å³ a dalton (Harpaz, Gerstein and Chothia 1994).
    private const double VolumeOfDalton = 1.21;

    // Of a mask that holds the surroundings of the density as well.
    private const double UsualShare = 1.0 / 3, LargestShare = 2.0 / 3;

    private const int Bins = 1 << 16;

    /// <summary>
    /// The levels at which the contours enclose the volume of the molecule: that of the model's mass, with the copies that
    /// symmetry makes, or without a model a third of the mask's.
    /// </summary>
    /// <param name="before">The map before, [z, y, x].</param>
    /// <param name="after">The map after, [z, y, x].</param>
    /// <param name="mask">Where it was sharpened.</param>
    /// <param name="model">The atoms in the box, copies included; null without a model.</param>
    public static ContourLevels Of(DensityMap before, float[] after, VoxelMask mask, ScatteringModel? model)
    {
        double voxel = Math.Pow(before.Frame.VoxelSize, 3), all = mask.Count() * voxel;
        double volume = model is null
            ? UsualShare * all
            : Math.Min(LargestShare * all, VolumeOfDalton * model.Atoms.Sum(atom => atom.Occupancy * Mass(atom.Element)));
        long voxels = Math.Max(1, (long)(volume / voxel));
        return new ContourLevels(LevelAbove(before.Values, mask, voxels), LevelAbove(after, mask, voxels), volume);
    }

    /// <summary>The level that so many voxels of the mask lie above, to 1/65,536 of the range of values.</summary>
    private static double LevelAbove(float[] values, VoxelMask mask, long voxels)
    {
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        for (int i = 0; i < values.Length; i++)
        {
            if (mask.Values[i] == 0)
                continue;
            least = Math.Min(least, values[i]);
            most = Math.Max(most, values[i]);
        }
        if (!(most > least))
            return most;
        double step = ((double)most - least) / Bins;
        long[] counts = new long[Bins + 1];
        for (int i = 0; i < values.Length; i++)
        {
            if (mask.Values[i] != 0)
                counts[(int)((values[i] - least) / step)]++;
        }
        int bin = Bins;
        for (long above = counts[bin]; above < voxels && bin > 0; above += counts[bin])
            bin--;
        return least + (bin * step);
    }

    /// <summary>Dalton, near enough for a volume: as many neutrons as protons.</summary>
    private static double Mass(Element element) => element.IsHydrogen ? 1 : 2 * element.AtomicNumber;
}

/// <summary>
/// Scripts for ChimeraX and Coot that lie beside the sharpened map and open it: the map before and after with contours that
/// enclose the same volume, and the model coloured by its B-factors. They name files by their way from the script, so that
/// a folder can be moved.
/// </summary>
internal static class ViewerScripts
{
    private const string Before = "0.7,0.7,0.7", After = "0.39,0.58,0.93";

    /// <summary>Commands for ChimeraX, which runs a script in the folder that it lies in.</summary>
    public static string ForChimeraX(ViewedRun run)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Made by locscale-mpi {CommandLineReader.Version}. To open it: chimerax {Path.GetFileName(ScriptPath(run.OutputPath, ChimeraXEnding))}
            # {Contours(run)}

            """);
        int after;
        if (run.MapPaths is [string first, string second])
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                open {Quoted(run, first)} id 1
                open {Quoted(run, second)} id 2
                volume add #1,2 scaleFactors 0.5,0.5 modelId 3
                close #1,2
                rename #3 "before: mean of the half maps"

                """);
            after = 4;
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                open {Quoted(run, run.MapPaths[0])} id 1
                rename #1 "before"

                """);
            after = 2;
        }
        text.Append(CultureInfo.InvariantCulture, $"""
            volume #{after - 1} style surface step 1 level {Number(run.Levels.Before)} color {HexColour(Before)}
            hide #{after - 1} models
            open {Quoted(run, run.OutputPath)} id {after}
            rename #{after} "after: locally sharpened"
            volume #{after} style surface step 1 level {Number(run.Levels.After)} color {HexColour(After)} transparency 0.5

            """);
        if (run.ModelPath is string model)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                open {Quoted(run, model)} id {after + 1}
                show #{after + 1} atoms
                style #{after + 1} stick
                color bfactor #{after + 1}

                """);
        }
        return text.Append("lighting soft\nview\n").ToString();
    }

    /// <summary>Python for Coot, 0.9 as well as 1.</summary>
    public static string ForCoot(ViewedRun run)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $$"""
            # -*- coding: utf-8 -*-
            # Made by locscale-mpi {{CommandLineReader.Version}}. To open it, in its folder: coot --script {{Path.GetFileName(ScriptPath(run.OutputPath, CootEnding))}}
            # {{Contours(run)}}
            import os
            from coot import *

            try:
                folder = os.path.dirname(os.path.abspath(__file__))
            except NameError:
                folder = os.getcwd()


            def map_at(name, level, colour):
                return shown(handle_read_ccp4_map(os.path.join(folder, name), 0), level, colour)


            def shown(number, level, colour):
                set_map_colour(number, *colour)
                set_contour_level_absolute(number, level)
                return number



            """);
        string level = Number(run.Levels.Before);
        if (run.MapPaths is [string first, string second])
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                halves = [map_at(name, {level}, ({Before})) for name in ({Literal(run, first)}, {Literal(run, second)})]
                before = shown(average_map_py([[halves[0], 0.5], [halves[1], 0.5]]), {level}, ({Before}))
                for half in halves:
                    close_molecule(half)

                """);
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"before = map_at({Literal(run, run.MapPaths[0])}, {level}, ({Before}))\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"""
            set_map_displayed(before, 0)
            after = map_at({Literal(run, run.OutputPath)}, {Number(run.Levels.After)}, ({After}))

            """);
        if (run.ModelPath is string model)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                model = read_pdb(os.path.join(folder, {Literal(run, model)}))
                graphics_to_b_factor_representation(model)

                """);
        }
        return text.ToString();
    }

    /// <summary>The ending of the script for ChimeraX.</summary>
    public const string ChimeraXEnding = ".cxc";

    /// <summary>The ending of the script for Coot.</summary>
    public const string CootEnding = "_coot.py";

    /// <summary>Where a script goes.</summary>
    /// <param name="outputPath">The sharpened map.</param>
    /// <param name="ending"><see cref="ChimeraXEnding"/> or <see cref="CootEnding"/>.</param>
    public static string ScriptPath(string outputPath, string ending) => OutputFiles.Beside(outputPath, ending);

    private static string Contours(ViewedRun run) => string.Create(CultureInfo.InvariantCulture,
        $"The contours enclose {run.Levels.Volume:0} A^3 of the mask, before and after.");

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>Both programs take the slash on all systems.</summary>
    private static string FromScript(ViewedRun run, string path) => Path.GetRelativePath(
        Path.GetDirectoryName(Path.GetFullPath(run.OutputPath))!, Path.GetFullPath(path)).Replace('\\', '/');

    private static string Quoted(ViewedRun run, string path) => $"\"{FromScript(run, path)}\"";

    private static string Literal(ViewedRun run, string path) =>
        $"\"{string.Concat(FromScript(run, path).Select(c => c is '"' or '\\' ? $"\\{c}" : $"{c}"))}\"";

    private static string HexColour(string colour) =>
        "#" + string.Concat(colour.Split(',').Select(part => $"{(int)(255 * double.Parse(part, CultureInfo.InvariantCulture)):x2}"));
}
