namespace LocScale.Maps.Files;

/// <summary>The skew transformation of a CCP4 header: map = S · (atoms − t).</summary>
/// <param name="IsRotated">S is a rotation or reflection other than the identity.</param>
/// <param name="TranslationX">t along x, Å.</param>
/// <param name="TranslationY">t along y, Å.</param>
/// <param name="TranslationZ">t along z, Å.</param>
public sealed record MrcSkew(bool IsRotated, float TranslationX, float TranslationY, float TranslationZ)
{
    // S comes in single precision and from hand-edited files with few digits.
    private const double Tolerance = 1e-3;

    /// <summary>
    /// Reads S (row by row) and t. The words were given other uses later on; what is no transformation between
    /// orthogonal frames is such a use and gives null.
    /// </summary>
    internal static MrcSkew? FromWords(ReadOnlySpan<float> matrix, ReadOnlySpan<float> translation)
    {
        foreach (float element in translation)
        {
            if (!float.IsFinite(element))
                return null;
        }
        bool isIdentity = true;
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                double product = 0;
                for (int k = 0; k < 3; k++)
                    product += (double)matrix[(3 * i) + k] * matrix[(3 * j) + k];
                double identity = i == j ? 1 : 0;
                if (!(Math.Abs(product - identity) <= Tolerance))
                    return null;
                isIdentity &= Math.Abs(matrix[(3 * i) + j] - identity) <= Tolerance;
            }
        }
        return new MrcSkew(!isIdentity, translation[0], translation[1], translation[2]);
    }
}
