namespace LocScale.Maps.Files;

/// <summary>Why the file system refused, in the middle of a sentence.</summary>
internal static class FileFault
{
    private const int DiskFullOnUnix = 28;
    private const int QuotaExceededOnLinux = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>The reason without a final stop and without the names of temporary files.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        { HResult: DiskFullOnUnix or DiskFullOnWindows } => "no space is left on the device",
        { HResult: QuotaExceededOnLinux } => "the disk quota is exceeded",
        DirectoryNotFoundException => "its folder does not exist",
        FileNotFoundException => "its folder takes no files",
        UnauthorizedAccessException => "permission denied",
        _ => exception.Message.Split(" : '")[0].TrimEnd('.'),
    };
}
