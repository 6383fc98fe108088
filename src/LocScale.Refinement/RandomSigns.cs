namespace LocScale.Refinement;

/// <summary>Vectors of random signs, the same in every run, that estimate traces and diagonals (Hutchinson 1990).</summary>
internal sealed class RandomSigns
{
    private ulong _state = 0x9E3779B97F4A7C15;

    /// <summary>Fills a vector with +1 and −1.</summary>
    public void Fill(double[] vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            vector[i] = (_state >> 40 & 1) == 0 ? 1 : -1;
        }
    }
}
