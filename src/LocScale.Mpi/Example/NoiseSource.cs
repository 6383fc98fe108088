using System.Numerics;

namespace LocScale.Mpi.Example;

/// <summary>
/// Gaussian random numbers, the same on every machine: xoshiro256** (Blackman and Vigna 2018), its state filled by
/// SplitMix64, and the polar method (Marsaglia and Bray 1964).
/// </summary>
public sealed class NoiseSource
{
    private readonly ulong[] state = new ulong[4];

    /// <summary>Starts the sequence of a seed.</summary>
    public NoiseSource(ulong seed)
    {
        for (int i = 0; i < 4; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            state[i] = mixed ^ (mixed >> 31);
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(state[1] * 5, 7) * 9;
        ulong shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = BitOperations.RotateLeft(state[3], 45);
        return result;
    }

    /// <summary>A number of the normal distribution with mean 0 and variance 1.</summary>
    public double NextGaussian()
    {
        while (true)
        {
            double u = NextSymmetric();
            double v = NextSymmetric();
            double square = (u * u) + (v * v);
            if (square is > 0 and < 1)
                return u * Math.Sqrt(-2 * PortableMath.Log(square) / square);
        }
    }

    /// <summary>A number from −1 to below 1, evenly distributed.</summary>
    private double NextSymmetric() => ((NextBits() >> 11) * (1.0 / (1UL << 52))) - 1;
}
