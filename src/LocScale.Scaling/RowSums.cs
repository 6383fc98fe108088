using FFTW.NET;

namespace LocScale.Scaling;

/// <summary>
/// What is summed up over the coefficients of each window of a row, shell by shell: [shell, window along y, lane].
/// </summary>
internal sealed unsafe class RowSums : IDisposable
{
    private readonly AlignedArray<float> _moduli;
    private readonly AlignedArray<float> _centre;
    private readonly AlignedArray<float> _shiftedCentre;
    private readonly int _shells;
    private readonly int _shellStride;

    public RowSums(int half)
    {
        _shells = half + 1;
        _shellStride = BrickSize.Maximum.NY * Lanes.Count;
        _moduli = new AlignedArray<float>(_shells * _shellStride);
        _centre = new AlignedArray<float>(_shells * _shellStride);
        _shiftedCentre = new AlignedArray<float>(_shells * _shellStride);
    }

    /// <summary>Floats from a window to the same of the next shell.</summary>
    public int ShellStride => _shellStride;

    /// <summary>Sums of |F|.</summary>
    public float* Moduli(int shell) => _moduli.Pointer + (shell * _shellStride);

    /// <summary>Sums of the coefficients' shares v in the window's central voxel.</summary>
    public float* Centre(int shell) => _centre.Pointer + (shell * _shellStride);

    /// <summary>Sums of t·v, the part of v that goes with the next shell's scale.</summary>
    public float* ShiftedCentre(int shell) => _shiftedCentre.Pointer + (shell * _shellStride);

    /// <summary>Starts anew for a row of windows.</summary>
    public void Clear(int windows)
    {
        for (int shell = 0; shell < _shells; shell++)
        {
            new Span<float>(Moduli(shell), windows * Lanes.Count).Clear();
            new Span<float>(Centre(shell), windows * Lanes.Count).Clear();
            new Span<float>(ShiftedCentre(shell), windows * Lanes.Count).Clear();
        }
    }

    public void Dispose()
    {
        _moduli.Dispose();
        _centre.Dispose();
        _shiftedCentre.Dispose();
    }
}
