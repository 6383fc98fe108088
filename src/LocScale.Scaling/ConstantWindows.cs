namespace LocScale.Scaling;

/// <summary>
/// Finds the windows in which a map is one constant, as in a map that was masked. They have no profile beyond F(0), and
/// what rounding leaves in their sliding sums must not be taken for one.
/// </summary>
internal sealed class ConstantWindows
{
    private readonly int _window;
    private readonly ushort[] _runs;
    private BrickSize _size;

    public ConstantWindows(int window)
    {
        _window = window;
        _runs = new ushort[BrickSize.Maximum.WithWindows(window).Count];
    }

    /// <summary>Whether the sub-volume given last has any constant window.</summary>
    public bool Any { get; private set; }

    /// <summary>Looks through a sub-volume, [z, y, x].</summary>
    public void Find(ReadOnlySpan<float> values, BrickSize size)
    {
        _size = size;
        Any = false;
        if (!MayHaveConstantRows(values))
            return;

        // Along x, how many voxels up to this one are equal; then how many such rows, then how many such planes.
        for (int row = 0; row < size.NZ * size.NY; row++)
        {
            ReadOnlySpan<float> line = values.Slice(row * size.NX, size.NX);
            Span<ushort> runs = _runs.AsSpan(row * size.NX, size.NX);
            runs[0] = 1;
            bool longEnough = false;
            for (int x = 1; x < size.NX; x++)
            {
                runs[x] = line[x] == line[x - 1] ? (ushort)(runs[x - 1] + 1) : (ushort)1;
                longEnough |= runs[x] >= _window;
            }
            Any |= longEnough;
        }
        if (!Any)
            return;

        CountAlong(values, size.NX);
        CountAlong(values, size.NX * size.NY);
    }

    /// <summary>Whether the window that starts at this voxel of the sub-volume is constant.</summary>
    public bool IsConstant(int x, int y, int z)
    {
        int last = _window - 1;
        return Any && _runs[((((z + last) * _size.NY) + y + last) * _size.NX) + x + last] >= _window;
    }

    /// <summary>
    /// Whether any row could have w equal voxels in a row: of their w − 1 pairs of neighbours one is among every
    /// (w − 1)th pair of the row, which is all that need be looked at.
    /// </summary>
    private bool MayHaveConstantRows(ReadOnlySpan<float> values)
    {
        for (int row = 0; row < values.Length; row += _size.NX)
        {
            for (int x = _window - 2; x + 1 < _size.NX; x += _window - 1)
            {
                if (values[row + x] == values[row + x + 1])
                    return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Turns counts along the axes before into counts along the axis of this stride: how many voxels up to this one have
    /// a full count there and the same value.
    /// </summary>
    private void CountAlong(ReadOnlySpan<float> values, int stride)
    {
        int length = _size.Count;
        int lineLength = stride == _size.NX ? _size.NY : _size.NZ;
        for (int i = 0; i < length; i++)
        {
            if (_runs[i] < _window)
            {
                _runs[i] = 0;
                continue;
            }
            bool hasPredecessor = i / stride % lineLength != 0;
            bool goesOn = hasPredecessor && _runs[i - stride] > 0 && values[i] == values[i - stride];
            _runs[i] = goesOn ? (ushort)(_runs[i - stride] + 1) : (ushort)1;
        }
    }
}
