using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Text.Json;
using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics;

namespace LocScale.Report;

/// <summary>
/// What the 3-D view of a report shows: both maps within the mask, on a grid that a browser can take, in 256 steps each, and
/// the model. The viewer, 3Dmol.js (Rego and Koes 2015, Bioinformatics 31, 1322), stands in the report itself.
/// </summary>
public static class ViewerScene
{
    // What a laptop turns without a jerk, and what keeps a report below 25 MB.
    private const long MostVoxels = 3_000_000;
    private const int MostAtoms = 40_000, Levels = 255;

    // Å beyond the box of the mask, and voxels between the maps and their repetition.
    private const double AtomsBeyond = 4;
    private const int Apart = 2;

    // Of the voxels of the mask, left out at the top of the steps.
    private const double Clipped = 2e-4;

    private const string ChainNames = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The markup of the section.</summary>
    /// <param name="before">The map before, [z, y, x].</param>
    /// <param name="after">The map after.</param>
    /// <param name="mask">The voxels that were sharpened; not empty.</param>
    /// <param name="frame">Where the maps lie.</param>
    /// <param name="model">The model, its B-factors refined, in its own frame; null where there is none.</param>
    /// <param name="volume">About what the molecule takes up, Å³; the contours begin with half of it.</param>
    /// <param name="threads">How many threads share the work.</param>
    public static string Html(
        float[] before, float[] after, VoxelMask mask, MapFrame frame, AtomicModel? model, double volume, int threads)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(frame);
        VoxelBox part = mask.Bounds(VoxelBox.All(mask.Size)) ?? throw new ArgumentException("The mask is empty.", nameof(mask));
        GridSize box = new(Length(part.NX), Length(part.NY), Length(part.NZ));
        double coarser = Math.Max(1, Math.Cbrt(box.Count / (double)MostVoxels));
        GridSize size = coarser == 1 ? box : new(Coarse(box.NX), Coarse(box.NY), Coarse(box.NZ));
        (double x, double y, double z) = frame.FirstVoxel;
        double edge = frame.VoxelSize;
        double[] origin = [x + (part.X * edge), y + (part.Y * edge), z + (part.Z * edge)];
        Atom[] atoms = [.. (model?.Atoms ?? []).Where(atom => !atom.Element.IsHydrogen && IsNear(atom.Position))];
        float[] bFactors = [.. atoms.Select(atom => (float)atom.BIso)];
        Array.Sort(bFactors);
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            Write(writer, "size", size.NX, size.NY, size.NZ);
            Write(writer, "step", box.NX * edge / size.NX, box.NY * edge / size.NY, box.NZ * edge / size.NZ);
            Write(writer, "origin", origin);
            writer.WriteNumber("volume", Math.Round(volume));
            Write(writer, "b", bFactors.Length > 0 ? [Math.Round(BFactor(0.02), 1), Math.Round(BFactor(0.98), 1)] : [0, 1]);
            writer.WriteBoolean("trace", atoms.Length > MostAtoms);
            writer.WriteString("before", Packed(Steps(before)));
            writer.WriteString("after", Packed(Steps(after)));
            if (atoms.Length > 0)
                writer.WriteString("model", Pdb(model!, atoms.Length > MostAtoms ? [.. atoms.Where(atom => atom.Name is "CA" or "P")] : atoms));
            writer.WriteEndObject();
        }
        string colours = bFactors.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", with the model in the colours of its B-factors, from violet ({BFactor(0.02):0} Å² or less) to yellow ({BFactor(0.98):0} Å² or more)");
        return Markup(Encoding.UTF8.GetString(json.ToArray()).Replace("</", "<\\/", StringComparison.Ordinal), colours);

        double BFactor(double share) => bFactors[(int)(share * (bFactors.Length - 1))];

        int Coarse(int length) => TransformLength.AtLeast((int)Math.Floor(length / coarser), isEven: true);

        bool IsNear(Position position) => IsWithin(position.X, origin[0], part.NX) && IsWithin(position.Y, origin[1], part.NY) && IsWithin(position.Z, origin[2], part.NZ);

        bool IsWithin(double position, double first, int count) => position > first - AtomsBeyond && position < first + (count * edge) + AtomsBeyond;

        byte[] Steps(float[] map)
        {
            float[] values = Resampled(map, mask, part, box, size, threads);
            float[] sorted = [.. values.Where(value => value > 0)];
            Array.Sort(sorted);
            float top = sorted.Length == 0 ? 1 : sorted[^(1 + (int)(Clipped * sorted.Length))];
            return Array.ConvertAll(values, value => (byte)Math.Clamp((int)MathF.Round(Levels * value / top), 0, Levels));
        }
    }

    private static int Length(int part) => TransformLength.AtLeast(part + Apart, isEven: true);

    /// <summary>A map within a mask, cut to the mask's box, on the grid of the view.</summary>
    internal static float[] Resampled(float[] map, VoxelMask mask, VoxelBox part, GridSize box, GridSize size, int threads)
    {
        if (size == box)
        {
            float[] values = new float[box.Count];
            ThreadedLoop.Run(part.NZ, threads, z =>
            {
                for (int y = 0; y < part.NY; y++)
                    Read(y, z, values.AsSpan(box.Index(0, y, z), box.NX));
            });
            return values;
        }
        using BoxTransform fine = new(box, new TeamOfOne(), threads), coarse = new(size, new TeamOfOne(), threads);
        using AlignedArray<Complex32> spectrum = fine.ForwardsTo(coarse, Read);
        return coarse.BackwardsToMap(spectrum, 1f / box.Count);

        void Read(int y, int z, Span<float> row)
        {
            row.Clear();
            if (y >= part.NY || z >= part.NZ)
                return;
            int first = mask.Size.Index(part.X, part.Y + y, part.Z + z);
            for (int x = 0; x < part.NX; x++)
                row[x] = mask.Values[first + x] != 0 ? map[first + x] : 0;
        }
    }

    private static string Packed(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    private static void Write(Utf8JsonWriter writer, string name, params double[] values)
    {
        writer.WriteStartArray(name);
        foreach (double value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }

    /// <summary>The atoms for the eye: chains have one letter, numbers that are too long begin anew.</summary>
    private static string Pdb(AtomicModel model, Atom[] atoms)
    {
        StringBuilder pdb = new();
        Dictionary<string, char> chains = [];
        for (int i = 0; i < atoms.Length; i++)
        {
            Atom atom = atoms[i];
            Residue residue = model.ResidueOf(atom);
            string chain = residue.Chain ?? "";
            if (!chains.TryGetValue(chain, out char letter))
                chains[chain] = letter = ChainNames[chains.Count % ChainNames.Length];
            string symbol = atom.Element.Symbol, name = atom.Name.Length < 4 && symbol.Length == 1 ? " " + atom.Name : atom.Name;
            pdb.Append(CultureInfo.InvariantCulture, $"ATOM  {(i + 1) % 100000,5} {Cut(name, 4),-4} {Cut(residue.Name ?? "", 3),3} {letter}{Math.Abs(residue.Number ?? 0) % 10000,4}    {atom.Position.X,8:0.000}{atom.Position.Y,8:0.000}{atom.Position.Z,8:0.000}{1,6:0.00}{Math.Min(atom.BIso, 999.99),6:0.00}          {Cut(symbol, 2),2}\n");
        }
        return pdb.ToString();

        static string Cut(string text, int length) => text.Length > length ? text[..length] : text;
    }

    private static string Markup(string scene, string colours) => $"""
        <p id="view-note" data-drawn="Left the map as it was, right the sharpened one, both at the level that encloses the same volume within the mask{colours}. They turn together: drag to turn, scroll to come closer.">The 3-D view needs scripts, which are switched off here: the slices show the same maps.</p>
        <div id="view-part" hidden>
        <div class="view-heads"><span>Before</span><span>Sharpened</span></div>
        <div id="view-frame" class="view-frame"><p id="view-wait">The maps are being drawn …</p></div>
        <div class="view-controls">
        <label>Enclosed volume <input id="view-volume" type="range" min="-50" max="50" value="-20"> <output id="view-told"></output></label>
        <label><input id="view-solid" type="checkbox"> opaque</label>
        <label><input id="view-model" type="checkbox" checked> model</label>
        </div>
        </div>
        <script type="application/json" id="scene">{scene}</script>
        <script>{Viewer()}</script>
        <script>{HtmlReport.Resource("viewer.js")}</script>

        """;

    private static string Viewer()
    {
        using Stream packed = Assembly.GetExecutingAssembly().GetManifestResourceStream("3Dmol-min.js.gz")
            ?? throw new InvalidOperationException("The viewer is missing.");
        using GZipStream unpacked = new(packed, CompressionMode.Decompress);
        using StreamReader reader = new(unpacked);
        return reader.ReadToEnd();
    }
}
