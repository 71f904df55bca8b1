namespace Logitscope;

/// <summary>The word that somebody may have meant.</summary>
internal static class DidYouMean
{
    /// <summary>What to say after a word that is none of these: <c>; did you mean 'lens'?</c>, or nothing where none is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="words">What could have been.</param>
    public static string Of(string word, IEnumerable<string> words)
    {
        var near = words.Select(other => (other, distance: Distance(word, other))).OrderBy(one => one.distance).FirstOrDefault();
        return near.other is { } found && near.distance <= Math.Max(1, Math.Min(word.Length, found.Length) / 3) ? $"; did you mean '{found}'?" : "";
    }

    // Damerau's and Levenshtein's: insertions, deletions, substitutions, and neighbours changed about.
    private static int Distance(string one, string other)
    {
        var cost = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[one.Length, other.Length];
    }
}
