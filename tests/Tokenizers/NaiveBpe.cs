namespace Logitscope.Tests.Tokenizers;

/// <summary>Byte pair encoding in its plainest form, to compare with: look at every pair, again and again.</summary>
internal static class NaiveBpe
{
    /// <summary>Merges the leftmost pair of the lowest rank until there is none.</summary>
    public static int[] Merge(IReadOnlyList<BpeMerge> merges, IEnumerable<int> symbols)
    {
        var left = symbols.ToList();
        while (true)
        {
            var best = merges.Count;
            var place = -1;
            for (var i = 0; i + 1 < left.Count; i++)
            {
                for (var rank = 0; rank < best; rank++)
                {
                    if (merges[rank].Left == left[i] && merges[rank].Right == left[i + 1])
                    {
                        (best, place) = (rank, i);
                    }
                }
            }

            if (place < 0)
            {
                return [.. left];
            }

            left[place] = merges[best].Product;
            left.RemoveAt(place + 1);
        }
    }

    /// <summary>
    /// Trains by counting every pair anew for every merge. Words are lists of tokens as strings of
    /// <see cref="ByteSymbols"/>.
    /// </summary>
    public static List<(string Left, string Right)> Train(IEnumerable<string[]> words, int merges, int minimumCount)
    {
        var left = words.Select(word => word.ToList()).ToList();
        var ids = ByteSymbols.Order.Index().ToDictionary(row => ByteSymbols.SymbolOf(row.Item), row => row.Index);
        var made = new List<(string, string)>();
        while (made.Count < merges)
        {
            var best = left
                .SelectMany(word => word.Zip(word.Skip(1)))
                .Where(pair => !ids.ContainsKey(pair.First + pair.Second))
                .GroupBy(pair => pair)
                .Where(group => group.Count() >= minimumCount)
                .OrderByDescending(group => group.Count())
                .ThenBy(group => ids[group.Key.First])
                .ThenBy(group => ids[group.Key.Second])
                .FirstOrDefault();
            if (best is null)
            {
                break;
            }

            var (first, second) = best.Key;
            made.Add((first, second));
            ids.Add(first + second, ids.Count);
            foreach (var word in left)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == first && word[i + 1] == second)
                    {
                        word[i] = first + second;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return made;
    }
}
