namespace LocScale.Mpi.Pipeline;

/// <summary>Paths as the file system sees them, so that one file is one path.</summary>
internal static class RealPath
{
    // As in Linux: more links than this on the way to a file are a loop.
    private const int MostLinks = 40;

    /// <summary>The absolute path of a file, existing or not, with all links on the way followed.</summary>
    public static string Of(string path)
    {
        string real = Path.GetFullPath(path);
        for (int links = 0; links < MostLinks; links++)
        {
            if (FirstLink(real) is not (string link, string target))
                return real;
            string followed = Path.GetFullPath(target, Path.GetDirectoryName(link) ?? "/");
            real = Path.GetFullPath(followed + real[link.Length..]);
        }
        return real;
    }

    private static (string Link, string Target)? FirstLink(string path)
    {
        for (int end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            string part = end < 0 ? path : path[..end];
            if (new FileInfo(part).LinkTarget is string target)
                return (part, target);
            if (end < 0)
                return null;
        }
    }
}
