using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Amplitudes;
using LocScale.Maps.Completion;
using LocScale.Maps.HalfMaps;
using LocScale.Maps.Masks;
using LocScale.Models.Density;
using LocScale.Parallel;
using MathNet.Numerics;
using MPI;

namespace LocScale.Mpi.Distribution;

/// <summary>
/// What all ranks find out together of the maps that rank 0 has: spectra, correlations, coarse copies, confidences,
/// amplitudes. Rank 0 says what is wanted, hands out planes, and all run the same numerics on their own; a worker needs
/// memory for its part of a map.
/// </summary>
internal static class SharedMapWork
{
    private enum Kind
    {
        Spectrum,
        Correlation,
        CorrelationAsLocScale2,
        MaskedCorrelation,
        ReferenceCorrelation,
        CoarseMap,
        Confidence,
        LocalCorrelation,
        WeighedMap,
        MatchedMap,
        AmplitudeRatio,
        Completion,
    }

    /// <summary>The spectrum of a map.</summary>
    public static RadialPowerSpectrum Spectrum(Intracommunicator ranks, DensityMap map, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.Spectrum, map.Size, map.Frame.VoxelSize));
        using Share share = new(request, ranks, threads);
        return share.Spectrum(map.Values);
    }

    /// <summary>The correlation of half maps, and their spectra.</summary>
    public static HalfMapSpectra Correlate(Intracommunicator ranks, HalfMapPair halves, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.Correlation, halves.Mean.Size, halves.Mean.Frame.VoxelSize));
        using Share share = new(request, ranks, threads);
        return share.Correlation(halves.Mean.Values, halves.HalfDifference);
    }

    /// <summary>The correlation of half maps as LocScale 2 computes it.</summary>
    public static FscCurve CorrelateAsLocScale2(Intracommunicator ranks, HalfMapPair halves, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.CorrelationAsLocScale2, halves.Mean.Size, halves.Mean.Frame.VoxelSize));
        using Share share = new(request, ranks, threads);
        return share.CorrelationAsLocScale2(halves.Mean.Values, halves.HalfDifference);
    }

    /// <summary>The correlation of half maps within a mask, corrected for the mask.</summary>
    public static MaskedFsc CorrelateMasked(
        Intracommunicator ranks, HalfMapPair halves, VoxelMask mask, FscCurve unmasked, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.MaskedCorrelation, halves.Mean.Size, halves.Mean.Frame.VoxelSize)
        {
            FirstRandomShell = FourierShellCorrelation.FirstRandomShell(unmasked),
        });
        using Share share = new(request, ranks, threads);
        return share.MaskedCorrelation(halves.Mean.Values, halves.HalfDifference, mask.Values);
    }

    /// <summary>The correlation of a map, within a mask of 0 to 255, with a model map that lies within it, corrected for the mask.</summary>
    public static MaskedFsc Correlate(Intracommunicator ranks, DensityMap map, DensityMap model, byte[] mask, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.ReferenceCorrelation, map.Size, map.Frame.VoxelSize));
        using Share share = new(request, ranks, threads);
        return share.ReferenceCorrelation(map.Values, model.Values, mask);
    }

    /// <summary>A map low-passed at a resolution, on a coarser grid.</summary>
    public static CoarseMap Coarse(Intracommunicator ranks, DensityMap map, double resolution, int threads)
    {
        Request request = Tell(
            ranks, new Request(Kind.CoarseMap, map.Size, map.Frame.VoxelSize) { Resolution = resolution });
        using Share share = new(request, ranks, threads);
        return share.Coarse(map.Values);
    }

    /// <summary>The voxels that stand out of the noise.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">The map.</param>
    /// <param name="halfDifference">Half the difference of its half maps; null without half maps.</param>
    /// <param name="modelCells">The cells where the model is; null where no model is known.</param>
    /// <param name="how">How the confidences are made.</param>
    /// <param name="least">The least confidence of a voxel of the mask.</param>
    /// <param name="wantsMap">Whether the confidences themselves are wanted.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <returns>The mask; the confidences, [z, y, x], if they are wanted.</returns>
    /// <exception cref="InputException">There is no noise to measure.</exception>
    public static (VoxelMask Mask, float[]? Confidences) Confidence(
        Intracommunicator ranks, DensityMap map, float[]? halfDifference, byte[]? modelCells, ConfidenceMapParameters how,
        double least, bool wantsMap, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.Confidence, map.Size, map.Frame.VoxelSize)
        {
            Confidence = how with { LeastConfidence = wantsMap ? 0 : least },
            LeastConfidence = least,
            WantsConfidences = wantsMap,
        });
        return Confidences(request, ranks, map.Values, halfDifference, modelCells, threads);
    }

    /// <summary>The correlation of half maps around each place.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="box">What the windows need.</param>
    /// <param name="mean">The mean of the half maps, and what it is beyond its box.</param>
    /// <param name="halfDifference">Half their difference.</param>
    /// <param name="window">Edge of the window, voxels.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    public static LocalFsc CorrelateLocally(
        Intracommunicator ranks, MaskedBox box, PaddedMap mean, float[] halfDifference, int window, double voxelSize, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.LocalCorrelation, box.Box.Size, voxelSize) { Window = window, Part = box.Box.Part });
        using Share share = new(request, ranks, threads);
        return share.LocalCorrelation(box, mean, halfDifference);
    }

    /// <summary>A scaled map, weighed by how far half maps agree around each place.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="box">What the windows needed.</param>
    /// <param name="map">The map, [z, y, x], changed; zero outside the mask, where it stays so.</param>
    /// <param name="weights">How far they agree.</param>
    /// <param name="window">Edge of the window, voxels.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    public static void Weigh(
        Intracommunicator ranks, MaskedBox box, float[] map, LocalFsc weights, int window, double voxelSize, int threads)
    {
        VoxelBox part = box.Box.Part;
        Request request = Tell(ranks, new Request(Kind.WeighedMap, box.Box.Size, voxelSize) { Window = window, Part = part });
        using Share share = new(request, ranks, threads);
        float[] weighed = share.Weighed(box, map, weights);
        ThreadedLoop.Run(part.NZ, threads, z =>
        {
            for (int y = 0; y < part.NY; y++)
            {
                ReadOnlySpan<byte> inside = box.Mask.Row(part.X, part.Y + y, part.Z + z, part.NX);
                Span<float> row = map.AsSpan(box.Mask.Size.Index(part.X, part.Y + y, part.Z + z), part.NX);
                for (int x = 0; x < row.Length; x++)
                    row[x] = inside[x] == 0 ? 0 : weighed[box.Box.Size.Index(x, y, z)];
            }
        });
    }

    /// <summary>A map, in the box that its windows need, with the fall-off of its reference.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="box">What the windows need.</param>
    /// <param name="map">The map, and what it is beyond its box.</param>
    /// <param name="reference">The reference, likewise.</param>
    /// <param name="compared">Those of its voxels where the reference does not come from the map.</param>
    /// <param name="halfDifference">Half the difference of half maps, which is treated as the map is; or null.</param>
    /// <param name="window">Edge of the window, voxels.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <returns>Both, less their values beyond the box; null where there is nothing to change.</returns>
    public static MatchedMaps? Match(
        Intracommunicator ranks, MaskedBox box, VoxelMask compared, PaddedMap map, PaddedMap reference, PaddedMap? halfDifference,
        int window, double voxelSize, int threads)
    {
        Request request = Tell(ranks, new Request(Kind.MatchedMap, box.Box.Size, voxelSize)
        {
            Window = window,
            Part = box.Box.Part,
            HasHalves = halfDifference is not null,
        });
        using Share share = new(request, ranks, threads);
        return share.Matched(box, compared, map, reference, halfDifference);
    }

    /// <summary>The amplitude of a map over that of its reference within a mask, by shells.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">The map, [z, y, x].</param>
    /// <param name="reference">The reference, [z, y, x].</param>
    /// <param name="mask">The mask.</param>
    /// <param name="window">Edge of the window that the map was scaled with, voxels.</param>
    /// <param name="voxelSize">Edge of the voxel, Å.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    public static RadialGain AmplitudeRatio(
        Intracommunicator ranks, float[] map, float[] reference, VoxelMask mask, int window, double voxelSize, int threads)
    {
        MaskedBox box = new(mask, window, voxelSize);
        Request request = Tell(ranks, new Request(Kind.AmplitudeRatio, box.Box.Size, voxelSize));
        using Share share = new(request, ranks, threads);
        return share.AmplitudeRatio(box, map, reference);
    }

    /// <summary>What a map shows beyond its reference, as a reference, in the box that the windows need.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="map">The map.</param>
    /// <param name="halfDifference">Half the difference of its half maps; null without half maps.</param>
    /// <param name="reference">The reference, [z, y, x]; null where there is none, and the amplitudes of protein take its place.</param>
    /// <param name="mask">The voxels to scale.</param>
    /// <param name="parts">Where the reference is to be completed, and where it is not.</param>
    /// <param name="window">Edge of the window, voxels.</param>
    /// <param name="resolution">The map holds no signal finer than this, Å.</param>
    /// <param name="bFactor">Without a reference: the B-factor that every place is brought to, Å²; null for the fall-off of protein.</param>
    /// <param name="threads">How many threads work on this rank.</param>
    /// <returns>The part of the map, the size of the box that begins with it, and the density; null where there is too little to tell.</returns>
    public static (VoxelBox Part, GridSize Size, Completion Completion)? Complete(
        Intracommunicator ranks, DensityMap map, float[]? halfDifference, float[]? reference, VoxelMask mask, ReferenceParts parts,
        int window, double resolution, double? bFactor, int threads)
    {
        double voxelSize = map.Frame.VoxelSize;
        MaskedBox box = new(mask, window, voxelSize);
        Request request = Tell(ranks, new Request(Kind.Completion, box.Box.Size, voxelSize)
        {
            Part = box.Box.Part,
            Resolution = resolution,
            HasHalves = halfDifference is not null,
            HasReference = reference is not null,
            BFactor = bFactor,
        });
        using Share share = new(request, ranks, threads);
        return share.Completion(box, map.Values, halfDifference, reference, parts) is Completion made
            ? (box.Box.Part, box.Box.Size, made) : null;
    }

    /// <summary>A worker's part.</summary>
    public static void Serve(Intracommunicator ranks, int threads)
    {
        Request request = ranks.Receive<Request>(0, MessageTag.MapWork);
        if (request.Kind == Kind.Confidence)
        {
            Confidences(request, ranks, null, null, null, threads);
            return;
        }
        using Share share = new(request, ranks, threads);
        object? _ = request.Kind switch
        {
            Kind.Spectrum => share.Spectrum(null),
            Kind.Correlation => share.Correlation(null, null),
            Kind.CorrelationAsLocScale2 => share.CorrelationAsLocScale2(null, null),
            Kind.MaskedCorrelation => share.MaskedCorrelation(null, null, null),
            Kind.ReferenceCorrelation => share.ReferenceCorrelation(null, null, null),
            Kind.CoarseMap => share.Coarse(null),
            Kind.LocalCorrelation => share.LocalCorrelation(null, null, null),
            Kind.MatchedMap => share.Matched(null, null, null, null, null),
            Kind.WeighedMap => share.Weighed(null, null, null),
            Kind.Completion => share.Completion(null, null, null, null, null),
            Kind.AmplitudeRatio => share.AmplitudeRatio(null, null, null),
            _ => throw new InvalidOperationException($"Rank 0 asks for map work {request.Kind}."),
        };
    }

    private static (VoxelMask Mask, float[]? Confidences) Confidences(
        Request request, Intracommunicator ranks, float[]? map, float[]? halfDifference, byte[]? modelCells, int threads)
    {
        ConfidenceMap confidences = ConfidenceMap.Compute(
            map, halfDifference, modelCells, request.Size, request.VoxelSize, request.Confidence, new MpiTeam(ranks), threads);
        VoxelMask mask = confidences.AtLeast(request.LeastConfidence);
        return (mask, request.WantsConfidences ? confidences.ToMap() : null);
    }

    private static Request Tell(Intracommunicator ranks, Request request)
    {
        Worker.Tell(ranks, MessageTag.MapWork, request);
        return request;
    }

    /// <summary>What a worker must know beside its planes.</summary>
    private readonly record struct Request(Kind Kind, GridSize Size, double VoxelSize)
    {
        public int FirstRandomShell { get; init; }

        public double Resolution { get; init; }

        public ConfidenceMapParameters Confidence { get; init; }

        public double LeastConfidence { get; init; }

        public int Window { get; init; }

        public VoxelBox Part { get; init; }

        public bool WantsConfidences { get; init; }

        public bool HasHalves { get; init; }

        public bool HasReference { get; init; }

        public double? BFactor { get; init; }
    }

    /// <summary>One rank's part of a piece of work; arrays are null on ranks other than 0.</summary>
    private sealed class Share(Request request, Intracommunicator ranks, int threads) : IDisposable
    {
        private readonly BoxTransform _transform = new(request.Size, new MpiTeam(ranks), threads);

        public RadialPowerSpectrum Spectrum(float[]? map) =>
            RadialPowerSpectrum.Of(Planes(map).Read, _transform, request.VoxelSize);

        public HalfMapSpectra Correlation(float[]? mean, float[]? halfDifference)
        {
            (RowReader first, RowReader second) = HalfMapPair.Readers(Planes(mean), Planes(halfDifference));
            return FourierShellCorrelation.OfHalfMaps(first, second, _transform, request.VoxelSize);
        }

        public FscCurve CorrelationAsLocScale2(float[]? mean, float[]? halfDifference)
        {
            (RowReader first, RowReader second) = HalfMapPair.Readers(Planes(mean), Planes(halfDifference));
            return FourierShellCorrelation.AsLocScale2(first, second, _transform, request.VoxelSize);
        }

        public MaskedFsc MaskedCorrelation(float[]? mean, float[]? halfDifference, byte[]? mask)
        {
            (RowReader first, RowReader second) = HalfMapPair.Readers(Planes(mean), Planes(halfDifference));
            return FourierShellCorrelation.Masked(
                first, second, Planes(mask).Read, request.FirstRandomShell, _transform, request.VoxelSize);
        }

        public MaskedFsc ReferenceCorrelation(float[]? map, float[]? model, byte[]? mask)
        {
            using AlignedArray<Complex32> reference = _transform.NewSpectrum();
            _transform.Forwards(Planes(model).Read, reference);
            RowReader soft = Planes(mask).Read;
            return FourierShellCorrelation.WithReference(
                Planes(map).Read, reference,
                (y, z, row) =>
                {
                    soft(y, z, row);
                    for (int x = 0; x < row.Length; x++)
                        row[x] /= byte.MaxValue;
                },
                _transform, request.VoxelSize);
        }

        public CoarseMap Coarse(float[]? map) =>
            CoarseMap.Of(Planes(map).Read, _transform, request.VoxelSize, request.Resolution);

        public LocalFsc LocalCorrelation(MaskedBox? box, PaddedMap? mean, float[]? halfDifference) => LocalFsc.Of(
            Planes(box, mean?.Values, mean?.Outside ?? 0, null), Planes(box, halfDifference, 0, null),
            CoarseField.Count(box?.Box, box?.Mask, _transform, request.VoxelSize, LocalFsc.CellEdge(request.VoxelSize)),
            request.Part, _transform, request.VoxelSize, request.Window);

        public float[] Weighed(MaskedBox? box, float[]? map, LocalFsc? weights) =>
            LocalFsc.Share(weights, _transform, request.VoxelSize, request.Window)
                .Weigh(Planes(box, map, 0, null), request.Part, _transform, request.VoxelSize);

        public MatchedMaps? Matched(MaskedBox? box, VoxelMask? compared, PaddedMap? map, PaddedMap? reference, PaddedMap? halfDifference) =>
            AmplitudeMatching.Match(
                Planes(box, map?.Values, map?.Outside ?? 0, null), Planes(box, reference?.Values, reference?.Outside ?? 0, null),
                Counts(box), request.Part, _transform, request.VoxelSize, request.Window,
                CoarseField.Count(box?.Box, compared, _transform, request.VoxelSize),
                request.HasHalves ? Planes(box, halfDifference?.Values, halfDifference?.Outside ?? 0, null) : null) is MatchedPair pair
                ? new MatchedMaps(box?.Box, pair.Map, pair.Reference, pair.HalfDifference, pair.Gain.Gains[0]) : null;

        public RadialGain AmplitudeRatio(MaskedBox? box, float[]? map, float[]? reference) => AmplitudeMatching.Ratio(
            Planes(box, map, 0, box?.Mask), Planes(box, reference, 0, box?.Mask),
            Counts(box).SoftMask(_transform, request.VoxelSize), _transform, request.VoxelSize);

        public Completion? Completion(
            MaskedBox? box, float[]? map, float[]? halfDifference, float[]? reference, ReferenceParts? parts)
        {
            CompletionRegions regions = CompletionRegions.Count(parts, request.Part, _transform, request.VoxelSize);
            RowReader planes = Planes(box, map, 0, null);
            RowReader? ofReference = request.HasReference ? Planes(box, reference, 0, null) : null;
            RowReader? noise = request.HasHalves ? Planes(box, halfDifference, 0, null) : null;
            return ReferenceCompletion.Of(
                planes, noise, ofReference, Protein, regions, request.Part, _transform, request.VoxelSize, request.Resolution, request.BFactor);
        }

        private static ExpectedDensity Protein { get; } = new(
            s => ProteinProfile.PowerOfAtom(s, ProteinProfile.UsualB), ProteinProfile.UsualB, ProteinProfile.AtomsPerVolume, ProteinProfile.FirstFrequency);

        public void Dispose() => _transform.Dispose();

        private CoarseField Counts(MaskedBox? box) => CoarseField.Count(box?.Box, box?.Mask, _transform, request.VoxelSize);

        private RowReader Planes(MaskedBox? box, float[]? map, float offset, VoxelMask? mask) =>
            SeamlessBox.Planes(box?.Box, map, offset, mask, _transform);

        private OwnPlanes<T> Planes<T>(T[]? all)
            where T : unmanaged => new(all, request.Size, _transform.Planes, _transform.Team);
    }
}

/// <summary>A map with the fall-off of its reference.</summary>
/// <param name="Box">Where their box lies in the map; null on ranks other than 0.</param>
/// <param name="Map">The map, [z, y, x] of the box, less its value beyond.</param>
/// <param name="Reference">The reference, likewise; null where it stays as it is.</param>
/// <param name="HalfDifference">Half the difference of half maps, treated as the map; null where it stays as it is.</param>
/// <param name="GainOfMean">What the value of the map beyond the box is to be multiplied by.</param>
internal sealed record MatchedMaps(SeamlessBox? Box, float[] Map, float[]? Reference, float[]? HalfDifference, double GainOfMean);
