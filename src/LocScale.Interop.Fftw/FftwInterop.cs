using System.Runtime.InteropServices;

namespace FFTW.NET;

/// <summary>
/// The entry points of one precision of FFTW 3, found in the system's library when they are first needed.
/// Names and arguments: fftw3.h, chapter "Guru Interface" of the FFTW manual. Everything goes through the 64-bit guru
/// interface, which takes any rank, any strides, any number of transforms.
/// </summary>
internal sealed unsafe class FftwInterop
{
    /// <summary>FFTW's planner is not thread-safe, in neither precision; executing plans is.</summary>
    public static readonly Lock PlannerLock = new();

    private static readonly Lazy<FftwInterop> SinglePrecision = new(() => new FftwInterop("fftw3f", "fftwf_", "libfftw3-single3"));
    private static readonly Lazy<FftwInterop> DoublePrecision = new(() => new FftwInterop("fftw3", "fftw_", "libfftw3-double3"));

    public readonly delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, int, uint, nint> PlanDft;
    public readonly delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, uint, nint> PlanRealToComplex;
    public readonly delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, uint, nint> PlanComplexToReal;
    public readonly delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, void*, uint, nint> PlanRealToSplit;
    public readonly delegate* unmanaged[Cdecl]<nint, void*, void*, void> ExecuteDft;
    public readonly delegate* unmanaged[Cdecl]<nint, void*, void*, void> ExecuteRealToComplex;
    public readonly delegate* unmanaged[Cdecl]<nint, void*, void*, void> ExecuteComplexToReal;
    public readonly delegate* unmanaged[Cdecl]<nint, void*, void*, void*, void> ExecuteRealToSplit;
    public readonly delegate* unmanaged[Cdecl]<nint, void> DestroyPlan;

    private FftwInterop(string name, string prefix, string package)
    {
        string[] files = FileNames(name);
        nint library = 0;
        if (!Array.Exists(files, file => NativeLibrary.TryLoad(file, typeof(FftwInterop).Assembly, null, out library)))
            throw new FftwException(Missing(files[0], package, OperatingSystem.IsWindows(), OperatingSystem.IsMacOS()));
        PlanDft = (delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, int, uint, nint>)
            Export("plan_guru64_dft");
        PlanRealToComplex = (delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, uint, nint>)
            Export("plan_guru64_dft_r2c");
        PlanComplexToReal = (delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, uint, nint>)
            Export("plan_guru64_dft_c2r");
        PlanRealToSplit = (delegate* unmanaged[Cdecl]<int, FftwDimension*, int, FftwDimension*, void*, void*, void*, uint, nint>)
            Export("plan_guru64_split_dft_r2c");
        ExecuteDft = (delegate* unmanaged[Cdecl]<nint, void*, void*, void>)Export("execute_dft");
        ExecuteRealToComplex = (delegate* unmanaged[Cdecl]<nint, void*, void*, void>)Export("execute_dft_r2c");
        ExecuteComplexToReal = (delegate* unmanaged[Cdecl]<nint, void*, void*, void>)Export("execute_dft_c2r");
        ExecuteRealToSplit = (delegate* unmanaged[Cdecl]<nint, void*, void*, void*, void>)Export("execute_split_dft_r2c");
        DestroyPlan = (delegate* unmanaged[Cdecl]<nint, void>)Export("destroy_plan");
        Version = Marshal.PtrToStringUTF8(Export("version")) ?? name;

        nint Export(string function) => NativeLibrary.GetExport(library, prefix + function);
    }

    /// <summary>What the library says of itself: the version, and the instruction sets that it may use.</summary>
    public string Version { get; }

    /// <summary>The entry points for <typeparamref name="TReal"/>, float or double.</summary>
    /// <exception cref="ArgumentException">The type is another one.</exception>
    /// <exception cref="FftwException">The library is not installed.</exception>
    public static FftwInterop For<TReal>()
        where TReal : unmanaged
    {
        if (typeof(TReal) == typeof(float))
            return SinglePrecision.Value;
        if (typeof(TReal) == typeof(double))
            return DoublePrecision.Value;
        throw new ArgumentException($"FFTW transforms float and double, not {typeof(TReal).Name}.");
    }

    /// <summary>Makes a plan: one caller at a time.</summary>
    /// <exception cref="FftwException">FFTW knows no such transform.</exception>
    public static nint Plan(Func<nint> create)
    {
        nint plan;
        lock (PlannerLock)
            plan = create();
        return plan != 0 ? plan : throw new FftwException("FFTW has no plan for a transform of this shape with these flags.");
    }

    private static string[] FileNames(string name) =>
        OperatingSystem.IsWindows() ? [$"lib{name}-3.dll", $"{name}.dll"]
        : OperatingSystem.IsMacOS() ? [$"lib{name}.3.dylib", $"/opt/homebrew/lib/lib{name}.3.dylib"]
        : [$"lib{name}.so.3", $"lib{name}.so"];

    /// <summary>The sentence for a library that was not found: what to put where on this system.</summary>
    internal static string Missing(string file, string package, bool onWindows, bool onMacOS)
    {
        string remedy =
            onWindows ? $"put the 64-bit {file} of https://www.fftw.org/install/windows.html beside the program or into a folder of PATH"
            : onMacOS ? "brew install fftw"
            : $"apt-get install {package}, or your system's package of FFTW 3";
        return $"The library FFTW 3 ({file}) was not found: {remedy}.";
    }
}

/// <summary>The FFTW of this machine.</summary>
public static class FftwLibrary
{
    /// <summary>
    /// What the library for <typeparamref name="TReal"/>, float or double, says of itself, such as
    /// <c>fftw-3.3.10-sse2-avx-avx2</c>: the version, and the instruction sets that it may use.
    /// </summary>
    /// <exception cref="ArgumentException">The type is another one.</exception>
    /// <exception cref="FftwException">The library is not installed.</exception>
    public static string VersionFor<TReal>()
        where TReal : unmanaged => FftwInterop.For<TReal>().Version;
}

/// <summary>FFTW is missing or refuses to make a plan; the message is a sentence for a person.</summary>
public sealed class FftwException : Exception
{
    /// <summary>An error with its sentence.</summary>
    public FftwException(string message)
        : base(message)
    {
    }
}
