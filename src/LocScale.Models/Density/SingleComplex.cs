using System.Runtime.InteropServices;

namespace LocScale.Models;

/// <summary>A complex number of single precision, as FFTW lays it out.</summary>
/// <param name="Real">The real part.</param>
/// <param name="Imaginary">The imaginary part.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SingleComplex(float Real, float Imaginary);
