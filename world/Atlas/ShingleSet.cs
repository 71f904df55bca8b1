namespace Logitscope.World;

/// <summary>The runs of eight words that some texts hold, whatever the punctuation and case between them: how it is
/// found that one text was cut out of another.</summary>
internal sealed class ShingleSet(IEnumerable<string> texts)
{
    private const int Words = 8;
    private readonly HashSet<ulong> _shingles = [.. texts.SelectMany(Shingles)];

    /// <summary>Whether the text has eight words in a row that one of the set's texts has too.</summary>
    public bool Overlaps(string text) => Shingles(text).Any(_shingles.Contains);

    /// <summary>Which texts belong together: those with eight words in a row in common, and those that have some with one
    /// of these.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>For each the number of its group.</returns>
    public static IReadOnlyList<int> GroupsOf(IReadOnlyList<string> texts)
    {
        int[] parents = [.. Enumerable.Range(0, texts.Count)];
        var firsts = new Dictionary<ulong, int>();
        foreach (var (i, shingle) in texts.Index().SelectMany(text => Shingles(text.Item), (text, shingle) => (text.Index, shingle)))
        {
            if (!firsts.TryAdd(shingle, i))
            {
                parents[Root(i)] = Root(firsts[shingle]);
            }
        }

        return [.. parents.Select(Root)];

        int Root(int i) => parents[i] == i ? i : Root(parents[i]);
    }

    private static IEnumerable<ulong> Shingles(string text)
    {
        var last = new Queue<ulong>(Words);
        foreach (var word in Hashes(text))
        {
            if (last.Count == Words)
            {
                last.Dequeue();
            }

            last.Enqueue(word);
            if (last.Count == Words)
            {
                yield return last.Aggregate(0UL, (hash, next) => StableHash.Mix(hash + next));
            }
        }
    }

    // A hash of each run of letters and digits.
    private static IEnumerable<ulong> Hashes(string text)
    {
        var hash = 0UL;
        foreach (var character in text)
        {
            if (char.IsLetterOrDigit(character))
            {
                hash = StableHash.Mix(hash + char.ToLowerInvariant(character) + 1);
            }
            else if (hash != 0)
            {
                yield return hash;
                hash = 0;
            }
        }

        if (hash != 0)
        {
            yield return hash;
        }
    }
}
