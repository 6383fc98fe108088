namespace LocScale.Models.Density;

/// <summary>The grid points of one axis within a radius of an atom.</summary>
/// <param name="First">The first point; may be below 0.</param>
/// <param name="Count">The number of points; may be larger than the grid, which is periodic.</param>
/// <param name="Offset">The first point's position minus the atom's, Å.</param>
internal readonly record struct GridRange(int First, int Count, double Offset)
{
    /// <summary>The points within <paramref name="radius"/> of a position, which is brought into the box first.</summary>
    /// <param name="position">The position, Å.</param>
    /// <param name="radius">The radius, Å.</param>
    /// <param name="step">The grid's step, Å.</param>
    /// <param name="length">The number of grid points of the box.</param>
    public static GridRange Around(double position, double radius, double step, int length)
    {
        double box = length * step;
        double inside = Math.Clamp(position - (Math.Floor(position / box) * box), 0, box);
        int first = (int)Math.Ceiling((inside - radius) / step);
        int last = (int)Math.Floor((inside + radius) / step);
        return new GridRange(first, last - first + 1, (first * step) - inside);
    }

    /// <summary>Where point <paramref name="i"/> of the range lies on a periodic grid.</summary>
    public int Wrapped(int i, int length)
    {
        int index = (First + i) % length;
        return index < 0 ? index + length : index;
    }
}
