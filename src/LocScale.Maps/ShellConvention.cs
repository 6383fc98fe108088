namespace LocScale.Maps;

/// <summary>To which shell a coefficient belongs, |k| in shell widths.</summary>
public enum ShellConvention
{
    /// <summary>round(|k|), as RELION does.</summary>
    Nearest,

    /// <summary>floor(|k|), as LocScale 2 does.</summary>
    Floor,
}
