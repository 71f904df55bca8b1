using System.Runtime.InteropServices;

namespace Logitscope.World;

/// <summary>How often each pair of adjacent tokens occurs in a text's words, kept up to date through merges.</summary>
internal sealed class PairCounts
{
    private readonly int _minimumCount;
    private readonly List<Word> _words = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];

    /// <summary>The words in which a pair occurs, or did before a merge took it.</summary>
    private readonly Dictionary<(int Left, int Right), List<Word>> _wordsOf = [];

    /// <summary>
    /// Pairs by count, largest first, then by ids. A count here may be out of date, but only too high: after its first
    /// counting a pair only loses occurrences, since every new occurrence has the newest token in it.
    /// </summary>
    private readonly PriorityQueue<(int Left, int Right), (long Less, int Left, int Right)> _queue = new();

    public PairCounts(IEnumerable<(int[] Symbols, long Count)> words, int minimumCount)
    {
        _minimumCount = minimumCount;
        foreach (var (symbols, count) in words)
        {
            _words.Add(new(symbols, count));
        }

        foreach (var word in _words)
        {
            foreach (var pair in word.Pairs())
            {
                Gain(pair, word);
            }
        }

        foreach (var pair in _counts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <summary>Takes the most frequent pair; null when none is left that is frequent enough.</summary>
    public (int Left, int Right)? TakeMostFrequent()
    {
        while (_queue.TryDequeue(out var pair, out var queued))
        {
            if (_counts[pair] == -queued.Less)
            {
                return pair;
            }

            Enqueue(pair);
        }

        return null;
    }

    /// <summary>Replaces the pair by its product in every word. The product is a new token.</summary>
    public void Merge(BpeMerge merge)
    {
        var gained = new HashSet<(int Left, int Right)>();
        foreach (var word in _wordsOf[(merge.Left, merge.Right)])
        {
            foreach (var pair in word.Pairs())
            {
                _counts[pair] -= word.Count;
            }

            word.Merge(merge);
            foreach (var pair in word.Pairs())
            {
                if (pair.Left == merge.Product || pair.Right == merge.Product)
                {
                    Gain(pair, word);
                    gained.Add(pair);
                }
                else
                {
                    _counts[pair] += word.Count;
                }
            }
        }

        _wordsOf.Remove((merge.Left, merge.Right));
        foreach (var pair in gained)
        {
            Enqueue(pair);
        }
    }

    private void Gain((int Left, int Right) pair, Word word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += word.Count;
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOf, pair, out _);
        words ??= [];
        if (words is not [.., var last] || last != word)
        {
            words.Add(word);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        var count = _counts[pair];
        if (count >= _minimumCount)
        {
            _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }
    }

    /// <summary>A word as the tokens that it is made of so far.</summary>
    private sealed class Word(int[] symbols, long count)
    {
        private int _length = symbols.Length;

        public long Count => count;

        public IEnumerable<(int Left, int Right)> Pairs()
        {
            for (var i = 1; i < _length; i++)
            {
                yield return (symbols[i - 1], symbols[i]);
            }
        }

        /// <summary>Replaces the pair from left to right.</summary>
        public void Merge(BpeMerge merge)
        {
            var kept = 0;
            for (var i = 0; i < _length; i++)
            {
                var isPair = i + 1 < _length && symbols[i] == merge.Left && symbols[i + 1] == merge.Right;
                symbols[kept++] = isPair ? merge.Product : symbols[i];
                i += isPair ? 1 : 0;
            }

            _length = kept;
        }
    }
}
