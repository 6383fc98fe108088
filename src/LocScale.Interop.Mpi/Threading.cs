using System.Diagnostics.CodeAnalysis;

namespace MPI;

/// <summary>
/// Which threads may call MPI, in growing freedom; the numbers are those of <c>MPI_THREAD_*</c> in every library.
/// </summary>
[SuppressMessage("Naming", "CA1720", Justification = "The standard calls it single.")]
public enum Threading
{
    /// <summary>The process has one thread only.</summary>
    Single = 0,

    /// <summary>Only the thread that initialized MPI calls it.</summary>
    Funneled = 1,

    /// <summary>Any thread may call MPI, but never two at a time.</summary>
    Serialized = 2,

    /// <summary>Any thread may call MPI at any time.</summary>
    Multiple = 3,
}
