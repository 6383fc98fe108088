namespace LocScale.Mpi.CommandLine;

/// <summary>Finds the word that somebody probably meant.</summary>
public static class SpellingSuggestion
{
    /// <summary>
    /// The candidate nearest to a misspelt word; null where none is near. Dashes in front, upper and lower case, and
    /// '-' for '_' do not count as differences. A word that begins a candidate (or goes on after it) is near to it
    /// however many letters are missing; equally near ones are decided by the longer common beginning.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        string wanted = Normalise(word);
        return candidates
            .Select(candidate => (candidate, normal: Normalise(candidate)))
            .Select(pair => (pair.candidate, distance: Distance(wanted, pair.normal), common: CommonBeginning(wanted, pair.normal), pair.normal))
            .Where(entry => IsNear(wanted, entry.normal, entry.distance, entry.common))
            .OrderBy(entry => entry.distance)
            .ThenByDescending(entry => entry.common)
            .Select(entry => entry.candidate)
            .FirstOrDefault();
    }

    private static bool IsNear(string wanted, string candidate, int distance, int common)
    {
        bool oneBeginsTheOther = common >= 3 && (common == wanted.Length || common == candidate.Length);
        int allowed = Math.Max(1, Math.Min(wanted.Length, candidate.Length) / 3);
        return oneBeginsTheOther || (distance <= allowed && distance < candidate.Length);
    }

    private static string Normalise(string word) =>
        word.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static int CommonBeginning(string a, string b) => a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Count();

    /// <summary>
    /// The number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
    /// </summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[a.Length, b.Length];
    }
}
