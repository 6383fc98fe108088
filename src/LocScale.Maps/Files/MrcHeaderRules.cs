using System.Globalization;
using LocScale.Parallel;

namespace LocScale.Maps.Files;

/// <summary>What a header must say for its map to be used, and the frame that follows from it.</summary>
internal static class MrcHeaderRules
{
    /// <summary>Cell angles further than this from 90° displace the far end of a large map by a tenth of a voxel.</summary>
    private const float AngleTolerance = 0.01f;

    /// <summary>Voxel sizes of the three axes may differ by this fraction.</summary>
    private const double VoxelSizeTolerance = 1e-3;

    // Lengths below are leftovers of another kind of word, not a sampling of molecules.
    private const double SmallestVoxelSize = 1e-3;
    private const double LargestVoxelSize = 1e3;

    // The largest sensible coordinate, Å. Files without the MAP word keep other things in the words of ORIGIN.
    private const float LargestOrigin = 1e6f;

    /// <summary>Refuses what is no MRC file at all.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static void RequireMrc(MrcHeader header, string path)
    {
        GridSize size = header.FileSize;
        bool hasSize = size is { NX: > 0, NY: > 0, NZ: > 0 };
        if (!header.HasMapWord && !(hasSize && MrcMode.IsKnown(header.Mode) && header.HasValidAxes))
            throw new InputException($"{path} is not an MRC/CCP4 map; give a map in that format (.mrc, .map, .ccp4).");
        if (!hasSize)
        {
            throw new InputException(
                $"The header of {path} gives an impossible size of {size} voxels; the file is damaged, "
                + "export the map again.");
        }
    }

    /// <summary>Refuses a header whose map this program cannot use, whatever the voxels are.</summary>
    /// <exception cref="InputException">It cannot, with the reason.</exception>
    public static void RequireUsable(MrcHeader header, string path)
    {
        if (!MrcMode.IsReadable(header.Mode))
        {
            throw new InputException(
                $"{path} is of mode {MrcMode.Name(header.Mode)}; give a map of mode 0, 1, 2, 6 or 12.");
        }
        if (header.Mode == MrcMode.Int8 && header.HasPackedBytes)
            throw new InputException($"{path} holds 4-bit integers; give a map of mode 0, 1, 2, 6 or 12.");
        if (!header.HasValidAxes)
        {
            throw new InputException(
                $"The header of {path} names its axes {header.MapC}, {header.MapR}, {header.MapS} (MAPC, MAPR, MAPS), "
                + "which is no order of 1, 2, 3; correct the header.");
        }
        if (header.SpaceGroup is >= 401 and <= 630)
        {
            throw new InputException(
                $"{path} is a stack of volumes (space group {header.SpaceGroup}); give a file with a single volume.");
        }
        if (header.Skew is { IsRotated: true })
        {
            throw new InputException(
                $"{path} has a skew matrix that turns the map against the atoms; "
                + "resample the map onto an unturned grid.");
        }
        (float alpha, float beta, float gamma) = header.Angles;
        if (!(IsRightAngle(alpha) && IsRightAngle(beta) && IsRightAngle(gamma)))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The cell of {path} is not orthogonal (angles {alpha}°, {beta}°, {gamma}°); "
                + $"resample the map onto cubic voxels."));
        }
        // Each edge is below 2³¹, their product need not fit even 64 bits.
        GridSize size = header.FileSize;
        if ((double)size.NX * size.NY * size.NZ > Array.MaxLength)
        {
            throw new InputException(
                $"{path} has {size} voxels by its header, and no more than 2³¹ can be read; crop or bin the map.");
        }
    }

    /// <summary>The frame of a usable header.</summary>
    /// <param name="header">The header.</param>
    /// <param name="path">The file, for the sentence of an error.</param>
    /// <param name="givenVoxelSize">The voxel size the user insists on, Å; it overrides the header.</param>
    /// <exception cref="InputException">The header tells no voxel size, or not the same for the three axes.</exception>
    public static MapFrame Frame(MrcHeader header, string path, double? givenVoxelSize)
    {
        double voxelSize = givenVoxelSize is double given ? RequireVoxelSize(given) : HeaderVoxelSize(header, path);
        GridSize size = header.Size;
        (int startX, int startY, int startZ) = header.Start;
        (float originX, float originY, float originZ) = Origin(header, voxelSize);
        return new MapFrame(
            voxelSize,
            startX,
            startY,
            startZ,
            originX,
            originY,
            originZ,
            header.M.X > 0 ? header.M.X : size.NX,
            header.M.Y > 0 ? header.M.Y : size.NY,
            header.M.Z > 0 ? header.M.Z : size.NZ);
    }

    private static double RequireVoxelSize(double given)
    {
        if (!IsVoxelSize(given))
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"A voxel size of {given} Å makes no sense; give a positive number in Å."));
        }
        return given;
    }

    private static double HeaderVoxelSize(MrcHeader header, string path)
    {
        (double x, double y, double z) = (
            (double)header.Cell.X / header.M.X, (double)header.Cell.Y / header.M.Y, (double)header.Cell.Z / header.M.Z);
        string? fault = VoxelSizeFault(header.Cell.X, header.M.X)
            ?? VoxelSizeFault(header.Cell.Y, header.M.Y)
            ?? VoxelSizeFault(header.Cell.Z, header.M.Z);
        if (fault is not null)
            throw new InputException($"The header of {path} gives no voxel size ({fault}); give the voxel size in Å with -p.");
        double smallest = Math.Min(x, Math.Min(y, z));
        double largest = Math.Max(x, Math.Max(y, z));
        if (largest - smallest > VoxelSizeTolerance * smallest)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture,
                $"The voxels of {path} are not cubic ({x:0.####} × {y:0.####} × {z:0.####} Å); "
                + $"resample the map, or give the voxel size in Å with -p if the header is wrong."));
        }
        return x == y && y == z ? x : (x + y + z) / 3;
    }

    /// <summary>Why an edge of the cell and its sampling give no voxel size; null if they do.</summary>
    private static string? VoxelSizeFault(float cell, int sampling) => (cell, sampling) switch
    {
        (float.NaN, _) => "an edge of its cell is no number, NaN",
        (float.PositiveInfinity or float.NegativeInfinity, _) => "an edge of its cell is infinite",
        (0, _) or (_, 0) => "its cell or sampling is zero",
        ( < 0, _) => string.Create(CultureInfo.InvariantCulture, $"an edge of its cell is negative, {cell:0.###} Å"),
        (_, < 0) => $"its sampling is negative, {sampling}",
        _ when cell / sampling < SmallestVoxelSize => "its voxels would be smaller than a thousandth of an Å",
        _ when cell / sampling > LargestVoxelSize => "its voxels would be larger than 1000 Å",
        _ => null,
    };

    /// <summary>What is wrong with a header that can be used all the same, one sentence each.</summary>
    public static IEnumerable<string> Warnings(MrcHeader header, string path)
    {
        string order = header.IsBigEndian ? "most" : "least";
        MachineStamp right = header.IsBigEndian ? MachineStamp.BigEndian : MachineStamp.LittleEndian;
        // Files older than MRC2000 have no stamp.
        if (header.HasMapWord && header.Stamp != right)
        {
            string fault = header.Stamp switch
            {
                MachineStamp.None => "is missing",
                MachineStamp.Unknown => "is none of the standard's",
                _ => "names the other byte order",
            };
            yield return $"The machine stamp of {path} {fault}; by its words, the {order} significant byte comes first, and so it is read.";
        }
        if (header.ExtendedHeaderLength < 0)
            yield return $"The header of {path} gives its extended header a length of {header.ExtendedHeaderLength} bytes (NSYMBT); it is taken to have none.";
        (float x, float y, float z) = header.Origin;
        if (header.HasMapWord && !(float.IsFinite(x) && float.IsFinite(y) && float.IsFinite(z)))
            yield return $"The header of {path} has an origin that is no position, NaN or infinite; the map is placed by NSTART.";
    }

    /// <summary>
    /// The ORIGIN words as they stand. Words that are no position count as zero, so that NSTART holds. Where they are
    /// zero and a CCP4 skew translation t places the map, they become NSTART · voxel size + t.
    /// </summary>
    private static (float X, float Y, float Z) Origin(MrcHeader header, double voxelSize)
    {
        (float x, float y, float z) = header.Origin;
        bool isPosition = float.IsFinite(x) && float.IsFinite(y) && float.IsFinite(z)
            && (header.HasMapWord || (IsOldOrigin(x) && IsOldOrigin(y) && IsOldOrigin(z)));
        if (isPosition && (x != 0 || y != 0 || z != 0))
            return (x, y, z);
        if (header.Skew is not { } skew || (skew.TranslationX == 0 && skew.TranslationY == 0 && skew.TranslationZ == 0))
            return (0, 0, 0);
        (int startX, int startY, int startZ) = header.Start;
        return (
            (float)((startX * voxelSize) + skew.TranslationX),
            (float)((startY * voxelSize) + skew.TranslationY),
            (float)((startZ * voxelSize) + skew.TranslationZ));

        static bool IsOldOrigin(float origin) => origin is 0 || (Math.Abs(origin) is >= 1e-6f and <= LargestOrigin);
    }

    // Angles of zero were never set.
    private static bool IsRightAngle(float angle) => angle == 0 || Math.Abs(angle - 90) <= AngleTolerance;

    private static bool IsVoxelSize(double voxelSize) => voxelSize is >= SmallestVoxelSize and <= LargestVoxelSize;
}
