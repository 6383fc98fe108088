using System.Runtime.InteropServices;

namespace FFTW.NET;

/// <summary>
/// One dimension of a transform or of a batch of transforms, <c>fftw_iodim64</c>. Strides count real elements on the
/// real side and in split complex arrays, complex elements on an interleaved complex side.
/// </summary>
/// <param name="Length">The number of elements; of the real side where the transform is real.</param>
/// <param name="InputStride">From one element of the input to the next.</param>
/// <param name="OutputStride">From one element of the output to the next.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FftwDimension(nint Length, nint InputStride, nint OutputStride);
