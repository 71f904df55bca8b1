using System.Text.RegularExpressions;

namespace Logitscope;

/// <summary>
/// ROUGE-L: how much of two texts is the same words in the same order. Lin, ROUGE, 2004; words are runs of letters and digits in lower case,
/// without a stemmer; the package rouge_score takes ASCII ones alone.
/// </summary>
public static partial class RougeL
{
    /// <summary>F1 of the longest common subsequence of words.</summary>
    /// <param name="text">What was said.</param>
    /// <param name="references">What could have been said; the best counts.</param>
    /// <returns>From 0 to 1; 0 where one has no word.</returns>
    public static double F1(string text, params IReadOnlyList<string> references)
    {
        var said = Words(text);
        return references.Select(reference => F1(said, Words(reference))).DefaultIfEmpty(0).Max();
    }

    private static double F1(string[] said, string[] reference)
    {
        var common = new int[said.Length + 1, reference.Length + 1];
        for (var i = 1; i <= said.Length; i++)
        {
            for (var j = 1; j <= reference.Length; j++)
            {
                common[i, j] = said[i - 1] == reference[j - 1] ? common[i - 1, j - 1] + 1 : Math.Max(common[i - 1, j], common[i, j - 1]);
            }
        }

        var longest = common[said.Length, reference.Length];
        return longest == 0 ? 0 : 2.0 * longest / (said.Length + reference.Length);
    }

    private static string[] Words(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{Nd}]+")]
    private static partial Regex Word();
}
