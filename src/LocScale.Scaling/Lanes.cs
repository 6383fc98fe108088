using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LocScale.Scaling;

/// <summary>
/// The unit of the kernel's vector code: the windows of eight voxels in a row along x, one in each lane. No sum ever runs
/// across lanes, so that a result does not depend on how wide the machine's vectors are.
/// </summary>
internal static unsafe class Lanes
{
    /// <summary>How many windows go side by side.</summary>
    public const int Count = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> All(float value) => Vector256.Create(value);

    /// <summary>a·b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.FusedMultiplyAdd(a, b, c);

    /// <summary>|re + i·im|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Modulus(Vector256<float> re, Vector256<float> im) =>
        Vector256.Sqrt(Vector256.FusedMultiplyAdd(re, re, im * im));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(float* destination, Vector256<float> value) =>
        (Vector256.Load(destination) + value).Store(destination);
}
