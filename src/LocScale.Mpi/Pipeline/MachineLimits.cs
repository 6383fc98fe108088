using System.Globalization;
using LocScale.Mpi.CommandLine;
using LocScale.Parallel;

namespace LocScale.Mpi.Pipeline;

/// <summary>A limit on memory and whose it is.</summary>
/// <param name="Bytes">The most there is.</param>
/// <param name="Owner">Who sets it, in the middle of a sentence.</param>
internal readonly record struct MemoryLimit(long Bytes, string Owner);

/// <summary>What the machine has for a run.</summary>
/// <param name="Memory">The tightest limit on the memory of this process; null where none is known.</param>
/// <param name="ManagedMemory">The most that .NET takes for maps; what FFTW takes is not part of it.</param>
/// <param name="DiskOf">The disk that a folder lies on, by any name that is the same for the same disk.</param>
/// <param name="Room">The bytes that may still be written to a folder's disk; null where the file system does not say.</param>
internal sealed record MachineLimits(
    MemoryLimit? Memory, long? ManagedMemory, Func<string, string> DiskOf, Func<string, long?> Room)
{
    // Of version 1, whose files hold a huge number where there is no limit.
    private const long NoLimit = 1L << 60;

    /// <summary>Those of this machine, in its control groups (cgroup version 1 and 2), in which queues and containers run a job.</summary>
    public static MachineLimits Here() => new(
        LimitOfMemory("/"), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and long bytes ? bytes : null, MountPointOf, RoomIn);

    /// <summary>The tightest limit on the memory of this process.</summary>
    /// <param name="root">The root of the file system; another one in tests.</param>
    public static MemoryLimit? LimitOfMemory(string root)
    {
        List<MemoryLimit> limits = [];
        if (Lines(root, "proc/meminfo").FirstOrDefault(line => line.StartsWith("MemTotal:", StringComparison.Ordinal)) is string total
            && Number(total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) is long kibibytes)
            limits.Add(new MemoryLimit(kibibytes * 1024, "this machine"));
        string[][] groups = [.. Lines(root, "proc/self/cgroup").Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3)];
        foreach (string line in Lines(root, "proc/self/mountinfo"))
        {
            // 35 31 0:32 /of/the/hierarchy /mounted/here rw,relatime - cgroup cgroup rw,memory
            string[] halves = line.Split(" - ", 2);
            string[] place = halves[0].Split(' '), kind = halves[^1].Split(' ');
            if (halves.Length < 2 || place.Length < 5 || kind.Length < 3)
                continue;
            if (kind[0] == "cgroup2" && groups.FirstOrDefault(group => group[1].Length == 0) is [_, _, var unified])
                limits.AddRange(OfGroups(root, place[4], place[3], unified, "memory.max"));
            else if (kind[0] == "cgroup" && kind[2].Split(',').Contains("memory")
                && groups.FirstOrDefault(group => group[1].Split(',').Contains("memory")) is [_, _, var memory])
                limits.AddRange(OfGroups(root, place[4], place[3], memory, "memory.limit_in_bytes"));
        }
        return limits.Count > 0 ? limits.MinBy(limit => limit.Bytes) : null;
    }

    /// <summary>The limits of a group and of all those that it is part of.</summary>
    private static IEnumerable<MemoryLimit> OfGroups(string root, string mountPoint, string mounted, string group, string file)
    {
        // In a container the group's path may be that of the host, of which only a part is mounted.
        string below = mounted != "/" && group.StartsWith(mounted, StringComparison.Ordinal) ? group[mounted.Length..] : group;
        string[] steps = below.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int depth = 0; depth <= steps.Length; depth++)
        {
            string folder = Path.Combine([mountPoint.TrimStart('/'), .. steps[..depth]]);
            if (Number(Lines(root, Path.Combine(folder, file)).FirstOrDefault()) is long bytes and < NoLimit)
                yield return new MemoryLimit(bytes, "the control group of this job");
        }
    }

    private static string[] Lines(string root, string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string MountPointOf(string folder)
    {
        string real = Path.TrimEndingDirectorySeparator(folder) + "/";
        return DriveInfo.GetDrives().Select(drive => Path.TrimEndingDirectorySeparator(drive.Name))
            .Where(name => real.StartsWith(name == "/" ? "/" : name + "/", StringComparison.Ordinal))
            .MaxBy(name => name.Length) ?? folder;
    }

    private static long? RoomIn(string folder)
    {
        try
        {
            DriveInfo disk = new(folder);
            return disk.TotalSize > 0 ? disk.AvailableFreeSpace : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>The memory that a run takes on rank 0, bytes, as measured on boxes of 128³, 256³ and 512³ voxels.</summary>
/// <param name="Managed">What maps take.</param>
/// <param name="Native">What libraries and Fourier transforms take.</param>
internal readonly record struct MemoryNeed(long Managed, long Native)
{
    // Without any map. A refinement of a few thousand atoms takes as much again, which matters in small boxes only.
    private const double Program = 50e6;
    private const double SmallThings = 10e6;

    // Bytes a voxel at the worst moment of each kind of run.
    private const double OfModelMap = 12;
    private const double OfAtoms = 15;
    private const double OfBFactorMaps = 16;
    private const double OfHalfMaps = 17;
    private const double OfConfidenceMask = 17;
    private const double OfModelCorrelation = 17;
    private const double OfConfidenceMaskOfHalfMaps = 20;

    // Half a spectrum in single precision.
    private const double OfTransform = 4;

    /// <summary>Both.</summary>
    public long All => Managed + Native;

    /// <summary>The need of a run.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="ranks">How many ranks there are; each holds its part of a transform.</param>
    /// <param name="size">The map.</param>
    public static MemoryNeed Of(RunOptions options, int ranks, GridSize size)
    {
        bool hasHalves = options.HalfMaps is not null;
        double[] moments =
        [
            options.ModelCoordinatesPath is null ? OfModelMap : OfAtoms,
            options.MeasureBFactors ? OfBFactorMaps : 0,
            hasHalves ? OfHalfMaps : options.Resolution is null && options.Compatibility == Compatibility.None ? OfModelCorrelation : 0,
            options.MaskPath is not null ? 0 : hasHalves ? OfConfidenceMaskOfHalfMaps : OfConfidenceMask,
        ];
        double managed = SmallThings + ((moments.Max() - OfTransform) * size.Count);
        return new MemoryNeed((long)managed, (long)(Program + (OfTransform * size.Count / ranks)));
    }
}
