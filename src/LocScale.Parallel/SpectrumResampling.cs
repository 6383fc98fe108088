using FFTW.NET;
using MathNet.Numerics;

namespace LocScale.Parallel;

/// <summary>Takes a spectrum from one grid to another over the same box: the coefficients that both have, zero elsewhere.</summary>
public static unsafe class SpectrumResampling
{
    /// <summary>
    /// The spectrum on the grid of <paramref name="to"/>, not scaled; all ranks must ask for it together. Coefficients at or
    /// above the Nyquist frequency of either grid are 0.
    /// </summary>
    /// <param name="from">The transform that the spectrum is of.</param>
    /// <param name="spectrum">This rank's coefficients; they stay as they are.</param>
    /// <param name="to">The transform of the other grid, of the same team.</param>
    /// <returns>This rank's coefficients on the other grid.</returns>
    public static AlignedArray<Complex32> Resample(
        BoxTransform from, AlignedArray<Complex32> spectrum, BoxTransform to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(spectrum);
        ArgumentNullException.ThrowIfNull(to);
        ITeam team = from.Team;
        int limitX = (Math.Min(from.Size.NX, to.Size.NX) - 1) / 2;
        int limitY = (Math.Min(from.Size.NY, to.Size.NY) - 1) / 2;
        int limitZ = (Math.Min(from.Size.NZ, to.Size.NZ) - 1) / 2;
        // What travels of a y: [z from −limitZ to limitZ][x].
        int row = checked(((2 * limitZ) + 1) * (limitX + 1));
        AlignedArray<Complex32> result = to.NewSpectrum();

        // Both grids have the y in the same order, so that what a rank sends to another arrives in order.
        int[] sentRows = new int[team.Size], receivedRows = new int[team.Size];
        ForEachY((source, target) =>
        {
            if (source == team.Rank && target != team.Rank)
                sentRows[target]++;
            if (target == team.Rank && source != team.Rank)
                receivedRows[source]++;
        });
        TeamBlock[] outgoing = Blocks(sentRows), incoming = Blocks(receivedRows);
        using AlignedArray<Complex32> sent = new((long)sentRows.Sum() * row);
        using AlignedArray<Complex32> received = new((long)receivedRows.Sum() * row);
        Array.Clear(sentRows);
        Array.Clear(receivedRows);
        ForEachPlacedY((y, source, target) =>
        {
            if (source != team.Rank)
                return;
            Complex32* rows = spectrum.Pointer + ((Wrapped(y, from.Size.NY) - from.FirstRow) * from.SpectrumRow);
            if (target == team.Rank)
            {
                Complex32* own = result.Pointer + ((Wrapped(y, to.Size.NY) - to.FirstRow) * to.SpectrumRow);
                for (int z = -limitZ; z <= limitZ; z++)
                    Copy(FromRow(rows, z), own + ((long)Wrapped(z, to.Size.NZ) * to.SpectrumStride));
                return;
            }
            Complex32* packed = sent.Pointer + outgoing[target].First + ((long)sentRows[target]++ * row);
            for (int z = -limitZ; z <= limitZ; z++)
                Copy(FromRow(rows, z), packed + ((long)(z + limitZ) * (limitX + 1)));
        });
        team.Exchange<Complex32>(sent.AsSpan(), outgoing, received.AsSpan(), incoming);
        ForEachPlacedY((y, source, target) =>
        {
            if (target != team.Rank || source == team.Rank)
                return;
            Complex32* packed = received.Pointer + incoming[source].First + ((long)receivedRows[source]++ * row);
            Complex32* rows = result.Pointer + ((Wrapped(y, to.Size.NY) - to.FirstRow) * to.SpectrumRow);
            for (int z = -limitZ; z <= limitZ; z++)
                Copy(packed + ((long)(z + limitZ) * (limitX + 1)), rows + ((long)Wrapped(z, to.Size.NZ) * to.SpectrumStride));
        });
        return result;

        void ForEachY(Action<int, int> body) => ForEachPlacedY((_, source, target) => body(source, target));

        void ForEachPlacedY(Action<int, int, int> body)
        {
            for (int y = -limitY; y <= limitY; y++)
                body(y, from.Rows.OwnerOf(Wrapped(y, from.Size.NY)), to.Rows.OwnerOf(Wrapped(y, to.Size.NY)));
        }

        Complex32* FromRow(Complex32* rows, int z) => rows + ((long)Wrapped(z, from.Size.NZ) * from.SpectrumStride);

        void Copy(Complex32* source, Complex32* target) =>
            new ReadOnlySpan<Complex32>(source, limitX + 1).CopyTo(new Span<Complex32>(target, limitX + 1));

        TeamBlock[] Blocks(int[] rows)
        {
            TeamBlock[] blocks = new TeamBlock[rows.Length];
            int first = 0;
            for (int rank = 0; rank < rows.Length; rank++)
            {
                blocks[rank] = new TeamBlock(first, checked(rows[rank] * row));
                first = checked(first + blocks[rank].Count);
            }
            return blocks;
        }
    }

    /// <summary>The place of a signed frequency.</summary>
    internal static int Wrapped(int frequency, int length) => frequency < 0 ? frequency + length : frequency;
}
