using System.Text;

namespace LocScale.Models.Files;

/// <summary>Gives equal names the same string, so that a million atoms share a few hundred.</summary>
internal sealed class NamePool
{
    private readonly Dictionary<ulong, string> _short = [];
    private readonly HashSet<string> _long = [];

    /// <summary>The string of these bytes; what is not ASCII reads as Latin-1.</summary>
    public string Get(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return "";
        if (name.Length > 7)
        {
            string text = Encoding.Latin1.GetString(name);
            if (_long.TryGetValue(text, out string? pooled))
                return pooled;
            _long.Add(text);
            return text;
        }
        ulong key = (ulong)name.Length;
        foreach (byte letter in name)
            key = key << 8 | letter;
        if (!_short.TryGetValue(key, out string? known))
            _short[key] = known = Encoding.Latin1.GetString(name);
        return known;
    }
}
