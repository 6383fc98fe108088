using LocScale.Models.Atoms;

namespace LocScale.Refinement;

/// <summary>How much the data know of each parameter.</summary>
internal static class ScatteringStrength
{
    /// <summary>
    /// For each parameter, how much its atoms scatter by the measure of <see cref="FisherTable.Strength"/>.
    /// Atoms at one place add; copies elsewhere, which reach into the mask, are information of their own, which adds in
    /// squares.
    /// </summary>
    /// <param name="scatterers">The scatterers.</param>
    /// <param name="own">How many of them, from the first on, the mask is drawn around.</param>
    /// <param name="parameters">The number of parameters.</param>
    public static double[] Of(ReadOnlySpan<Scatterer> scatterers, int own, int parameters)
    {
        double[] strength = new double[parameters];
        foreach (Scatterer scatterer in scatterers[..own])
            strength[scatterer.Parameter] += Of(scatterer);
        if (own == scatterers.Length)
            return strength;

        CellList cells = new(3);
        foreach (Scatterer scatterer in scatterers[..own])
            cells.Add(scatterer.Position);
        double[] squares = Array.ConvertAll(strength, s => s * s);
        const double reach = SoftMask.Radius + SoftMask.Edge;
        foreach (Scatterer copy in scatterers[own..])
        {
            double nearest = reach * reach;
            cells.ForEachWithin(copy.Position, reach, (_, square) => nearest = Math.Min(nearest, square));
            double seen = SoftMask.At(Math.Sqrt(nearest)) * Of(copy);
            squares[copy.Parameter] += seen * seen;
        }
        return Array.ConvertAll(squares, Math.Sqrt);
    }

    private static double Of(Scatterer scatterer) => scatterer.Occupancy * FisherTable.Strength(scatterer.FormFactor);
}
