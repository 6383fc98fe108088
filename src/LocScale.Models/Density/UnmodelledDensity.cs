using System.Globalization;
using LocScale.Maps.Completion;
using LocScale.Maps.Masks;
using LocScale.Models.Atoms;
using LocScale.Parallel;

namespace LocScale.Models.Density;

/// <summary>Density that hangs together and has no atoms in reach.</summary>
/// <param name="Volume">Its volume, Å³.</param>
/// <param name="Centre">Its centre, Å from voxel (0, 0, 0).</param>
/// <param name="NearestChain">The chain of the atom nearest to the centre; empty where atoms or chains are not known.</param>
/// <param name="Distance">How far that atom, or the density of the model map, is from the centre, Å.</param>
public sealed record DensityPiece(double Volume, Position Centre, string NearestChain, double Distance);

/// <summary>What a map shows and its model does not explain.</summary>
/// <param name="Voxels">The voxels.</param>
/// <param name="Volume">Their volume, Å³.</param>
/// <param name="Share">Their part of all density that was looked at.</param>
/// <param name="Reach">The density holds places that are farther than this from any atom, or from the density of a model map, Å.</param>
/// <param name="Pieces">The largest pieces, the largest first.</param>
/// <param name="IsOfMap">Whether the model is a map.</param>
public sealed record UnmodelledDensity(
    VoxelMask Voxels, double Volume, double Share, double Reach, IReadOnlyList<DensityPiece> Pieces, bool IsOfMap = false)
{
    /// <summary>
    /// Mass of a protein by its volume, Da/Å³: 1.35 g/cm³, a partial specific volume of 0.74 cm³/g.
    /// </summary>
    public const double ProteinDensity = 0.81;

    // Beyond the density of the atoms, Å: the filter that tells density from noise, and atoms that are a little off, blur it.
    private const double Beyond = 3;

    private const int MostPieces = 3;

    // Å: where the density of atoms goes over into that of the map, from and to, by how far it reaches; the edge of the mask;
    // what is atoms' for certain, and what is far from others; of the model's voxels, so many must be.
    private const double AtomsFade = 2.7, AtomsEnd = 1, MaskEdge = 3, Inside = 1, FarAway = 6, LeastAway = 0.1;

    /// <summary>The distance from all atoms that density must have somewhere, Å.</summary>
    /// <param name="radius">How far the density of an atom reaches, Å.</param>
    public static double ReachOf(double radius) => radius + Beyond;

    /// <summary>
    /// Finds it: density farther from all atoms than these reach for certain, and around that what lies outside the density of
    /// the atoms themselves. What only covers the model like a skin does not count.
    /// </summary>
    /// <param name="density">What was found to be density.</param>
    /// <param name="atoms">The atoms in the frame of the map, with their copies.</param>
    /// <param name="model">The model that they are of.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="radius">How far the density of an atom reaches, Å.</param>
    /// <param name="least">A piece needs so many voxels.</param>
    public static UnmodelledDensity Of(
        VoxelMask density, ScatteringModel atoms, AtomicModel model, double voxelSize, double radius, long least)
    {
        ArgumentNullException.ThrowIfNull(density);
        GridSize size = density.Size;
        VoxelMask far = Without(density, atoms, voxelSize, ReachOf(radius));
        byte[] found = new byte[density.Values.Length];
        MaskSurroundings.Weigh(far, Beyond / voxelSize, _ => 1, found);
        byte[] beside = Without(density, atoms, voxelSize, radius).Values;
        for (int i = 0; i < found.Length; i++)
            found[i] &= beside[i];
        VoxelMask voxels = new(size, found);
        ConfidenceMask.TakeOutSpeckle(voxels, least);

        double volume = Math.Pow(voxelSize, 3);
        List<DensityPiece> pieces = [];
        foreach ((long count, Position centre) in LargestOf(voxels))
        {
            Position place = voxelSize * centre;
            int nearest = Nearest(place, atoms);
            string chain = nearest < atoms.Sources.Length ? model.ResidueOf(model.Atoms[atoms.Sources[nearest]]).Chain : "";
            pieces.Add(new DensityPiece(count * volume, place, chain, Math.Sqrt(place.SquaredDistance(atoms.Atoms[nearest].Position))));
        }
        long all = voxels.Count();
        return new UnmodelledDensity(voxels, all * volume, all / (double)Math.Max(1, density.Count()), ReachOf(radius), pieces);
    }

    /// <summary>The same for a model map: density that is farther from its envelope than a filter or an error carries it.</summary>
    /// <param name="density">What was found to be density.</param>
    /// <param name="envelope">Where the model map has density, [z, y, x].</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="least">A piece needs so many voxels.</param>
    public static UnmodelledDensity OfMap(VoxelMask density, VoxelMask envelope, double voxelSize, long least)
    {
        ArgumentNullException.ThrowIfNull(density);
        ArgumentNullException.ThrowIfNull(envelope);
        VoxelMask far = Away(density, envelope, voxelSize);
        byte[] found = new byte[density.Values.Length];
        MaskSurroundings.Weigh(far, Beyond / voxelSize, _ => 1, found);
        for (int i = 0; i < found.Length; i++)
            found[i] &= (byte)(density.Values[i] & ~envelope.Values[i]);
        VoxelMask voxels = new(density.Size, found);
        ConfidenceMask.TakeOutSpeckle(voxels, least);
        double volume = Math.Pow(voxelSize, 3);
        long all = voxels.Count();
        return new UnmodelledDensity(
            voxels, all * volume, all / (double)Math.Max(1, density.Count()), Beyond,
            [.. LargestOf(voxels).Select(piece => new DensityPiece(piece.Count * volume, voxelSize * piece.Centre, "", voxelSize * From(piece.Centre)))],
            IsOfMap: true);

        double From(Position centre)
        {
            double nearest = double.PositiveInfinity;
            for (int i = 0; i < envelope.Values.Length; i++)
            {
                if (envelope.Values[i] != 0)
                    nearest = Math.Min(nearest, centre.SquaredDistance(new Position(i % density.Size.NX, i / density.Size.NX % density.Size.NY, i / (density.Size.NX * density.Size.NY))));
            }
            return Math.Sqrt(nearest);
        }
    }

    /// <summary>Voxels of a mask that are not near to the envelope of a model map.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="envelope">The envelope, [z, y, x].</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public static VoxelMask Away(VoxelMask mask, VoxelMask envelope, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] left = new byte[mask.Values.Length];
        MaskSurroundings.Weigh(envelope, Beyond / voxelSize, _ => 1, left);
        for (int i = 0; i < left.Length; i++)
            left[i] = left[i] == 0 ? mask.Values[i] : (byte)0;
        return new VoxelMask(mask.Size, left);
    }

    /// <summary>All density, where there are no atoms at all.</summary>
    /// <param name="density">What was found to be density.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    public static UnmodelledDensity All(VoxelMask density, double voxelSize)
    {
        ArgumentNullException.ThrowIfNull(density);
        return new UnmodelledDensity(density, density.Count() * Math.Pow(voxelSize, 3), 1, 0, []);
    }

    /// <summary>Voxels of a mask that no atom comes near to.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="atoms">The atoms.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="distance">How near, Å.</param>
    public static VoxelMask Without(VoxelMask mask, ScatteringModel atoms, double voxelSize, double distance)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] left = ModelFit.Envelope(atoms, mask.Size, (voxelSize, voxelSize, voxelSize), distance, isPeriodic: false);
        for (int i = 0; i < left.Length; i++)
            left[i] = left[i] == 0 ? mask.Values[i] : (byte)0;
        return new VoxelMask(mask.Size, left);
    }

    /// <summary>The parts of a map for the completion of its model map.</summary>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="hasHalves">Whether half maps tell the noise, so that no solvent needs to be found.</param>
    /// <param name="atoms">The atoms in the frame of the map, with their copies.</param>
    /// <param name="unmodelled">Density without atoms in reach; null where there is none to speak of.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="radius">How far the density of an atom reaches, Å.</param>
    public static ReferenceParts Parts(
        VoxelMask mask, float[] map, bool hasHalves, ScatteringModel atoms, VoxelMask? unmodelled, double voxelSize, double radius)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(map);
        GridSize size = mask.Size;
        (double, double, double) cubic = (voxelSize, voxelSize, voxelSize);
        byte[] near = ModelFit.Weights(
            atoms, size, cubic, radius - AtomsEnd, square => Edge(Math.Sqrt(square), radius - AtomsFade, radius - AtomsEnd), isPeriodic: false);
        byte[] completed = new byte[near.Length];
        MaskSurroundings.Weigh(mask, MaskEdge / voxelSize, d => Edge(d * voxelSize, 0, MaskEdge), completed);
        for (int i = 0; i < near.Length; i++)
            completed[i] = (byte)(completed[i] * (255 - near[i]) / 255);

        byte[] modelled = ModelFit.Envelope(atoms, size, cubic, radius - Inside, isPeriodic: false);
        if (unmodelled is not null)
        {
            byte[] away = [.. modelled], others = new byte[modelled.Length];
            MaskSurroundings.Weigh(unmodelled, FarAway / voxelSize, _ => 1, others);
            for (int i = 0; i < away.Length; i++)
                away[i] &= (byte)(1 - others[i]);
            // A small model has no other place.
            if (away.AsSpan().Count((byte)1) > LeastAway * modelled.AsSpan().Count((byte)1))
                modelled = away;
        }
        return new ReferenceParts(completed, new VoxelMask(size, modelled), new VoxelMask(size, hasHalves ? new byte[modelled.Length] : Solvent()));

        byte[] Solvent()
        {
            byte[] solvent = new byte[modelled.Length];
            MaskSurroundings.Weigh(mask, FarAway / voxelSize, _ => 1, solvent);
            for (int i = 0; i < solvent.Length; i++)
            {
                // What is constant was masked away.
                bool isConstant = i > 0 && map[i] == map[i - 1];
                solvent[i] = solvent[i] != 0 || isConstant ? (byte)0 : (byte)1;
            }
            return solvent;
        }

        // 255 up to the first distance, 0 from the second on.
        static byte Edge(double distance, double first, double end) => (byte)Math.Round(
            255 * (0.5 + (0.5 * Math.Cos(Math.PI * Math.Clamp((distance - first) / (end - first), 0, 1)))));
    }

    /// <summary>How much there is and where, as a sentence without its end.</summary>
    /// <param name="firstVoxel">The position of voxel (0, 0, 0), Å.</param>
    public string Sentence(Position firstVoxel)
    {
        IEnumerable<string> places = Pieces.Select(piece => string.Create(
            CultureInfo.InvariantCulture,
            $"{piece.Volume:N0} Å³ around ({firstVoxel.X + piece.Centre.X:0}, {firstVoxel.Y + piece.Centre.Y:0}, {firstVoxel.Z + piece.Centre.Z:0}) Å, {piece.Distance:0} Å from {(IsOfMap ? "its density" : piece.NearestChain.Length > 0 ? "chain " + piece.NearestChain : "the nearest atom")}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * Share:0} % of the density, {Volume:N0} Å³ or {Volume * ProteinDensity / 1000:0.#} kDa of protein, has no {(IsOfMap ? "density of it" : "atoms")} within {Reach:0.#} Å ({string.Join("; ", places)})");
    }

    private static IEnumerable<(long Count, Position Centre)> LargestOf(VoxelMask voxels)
    {
        GridSize size = voxels.Size;
        Dictionary<int, (long Count, double X, double Y, double Z)> sums = [];
        foreach (MaskRun run in MaskPieces.Of(voxels))
        {
            int x = run.Start % size.NX, y = run.Start / size.NX % size.NY, z = run.Start / (size.NX * size.NY);
            (long Count, double X, double Y, double Z) sum = sums.GetValueOrDefault(run.Piece);
            sums[run.Piece] = (
                sum.Count + run.Length, sum.X + (run.Length * (x + ((run.Length - 1) / 2.0))), sum.Y + (run.Length * (double)y),
                sum.Z + (run.Length * (double)z));
        }
        return sums.OrderByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key).Take(MostPieces)
            .Select(pair => (pair.Value.Count, (1.0 / pair.Value.Count) * new Position(pair.Value.X, pair.Value.Y, pair.Value.Z)));
    }

    private static int Nearest(Position place, ScatteringModel atoms)
    {
        int nearest = 0;
        for (int i = 1; i < atoms.Atoms.Length; i++)
        {
            if (place.SquaredDistance(atoms.Atoms[i].Position) < place.SquaredDistance(atoms.Atoms[nearest].Position))
                nearest = i;
        }
        return nearest;
    }
}
