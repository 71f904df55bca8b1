namespace Logitscope.World;

/// <summary>
/// The baseline: a token's probability from the one or two tokens before it, by interpolated absolute discounting. A
/// fixed part of each count is set aside for the shorter context, down to a uniform distribution.
/// </summary>
/// <remarks>Ney, Essen and Kneser, Computer Speech and Language 8 (1994).</remarks>
internal sealed class NGramModel : ITokenPredictor
{
    private const double Discount = 0.75;

    private readonly NGramCounts[] _counts;
    private readonly int _vocabulary;

    /// <summary>Counts runs of tokens.</summary>
    /// <param name="order">1: a unigram model; 2: a bigram model; 3: a trigram model.</param>
    /// <param name="rows">The text that it learns from.</param>
    /// <param name="vocabulary">How many tokens there are.</param>
    public NGramModel(int order, IReadOnlyList<int[]> rows, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order, 3);
        _counts = [.. Enumerable.Range(1, order).Select(n => new NGramCounts(n, rows))];
        _vocabulary = vocabulary;
    }

    /// <summary>The rows of tokens that a recipe trains on, for baselines that have seen the same.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="atlas">The world that the text tells of.</param>
    /// <param name="corpora">The folder with its natural text.</param>
    /// <param name="tokenizer">The trained model's.</param>
    /// <exception cref="AtlasException">The natural text is absent, or another.</exception>
    public static IReadOnlyList<int[]> RowsOf(TrainingRecipe recipe, Atlas atlas, string corpora, ModelTokenizer tokenizer)
    {
        var natural = recipe.Natural is { } mix ? NaturalText.Load(corpora, mix) : null;
        return [.. new TrainingText(atlas, natural, recipe).Rows(0, tokenizer).Take(recipe.Steps)
            .SelectMany(step => step).Select(row => Array.ConvertAll(row, id => (int)id))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences) =>
        [.. sequences.Select(sequence => Predict([.. sequence]))];

    private TokenGuess[] Predict(int[] tokens) =>
    [
        .. Enumerable.Range(1, tokens.Length - 1).Select(i =>
        {
            var next = Distribution(tokens.AsSpan(Math.Max(0, i + 1 - _counts.Length)..i));
            return new TokenGuess(Array.IndexOf(next, next.Max()), -Math.Log(next[tokens[i]]));
        }),
    ];

    /// <summary>The probability of each token after a context of at most the order less one.</summary>
    internal double[] Distribution(ReadOnlySpan<int> context)
    {
        var probabilities = new double[_vocabulary];
        Array.Fill(probabilities, 1.0 / _vocabulary);
        for (var length = 0; length <= context.Length; length++)
        {
            var next = _counts[length].After(context[^length..]).ToArray();
            var total = (double)next.Sum(run => run.Count);
            if (total == 0)
            {
                break;
            }

            var setAside = Discount * next.Length / total;
            for (var token = 0; token < _vocabulary; token++)
            {
                probabilities[token] *= setAside;
            }

            foreach (var (token, count) in next)
            {
                probabilities[token] += (count - Discount) / total;
            }
        }

        return probabilities;
    }
}

/// <summary>How often each run of n tokens occurs, as a sorted list: runs with the same beginning lie
/// together.</summary>
internal sealed class NGramCounts
{
    private const int BitsOfToken = 21;

    private readonly ulong[] _runs;
    private readonly int[] _counts;

    /// <summary>Counts the runs of <paramref name="n"/> tokens, 1 to 3, of all rows.</summary>
    public NGramCounts(int n, IReadOnlyList<int[]> rows)
    {
        var all = rows
            .SelectMany(row => Enumerable.Range(0, Math.Max(0, row.Length - n + 1)).Select(i => Key(row.AsSpan(i, n))))
            .ToArray();
        Array.Sort(all);
        var runs = new List<ulong>();
        var counts = new List<int>();
        foreach (var run in all)
        {
            if (runs.Count == 0 || runs[^1] != run)
            {
                runs.Add(run);
                counts.Add(0);
            }

            counts[^1]++;
        }

        (_runs, _counts) = ([.. runs], [.. counts]);
    }

    /// <summary>What follows a context of n - 1 tokens: each token with its count.</summary>
    public IEnumerable<(int Token, int Count)> After(ReadOnlySpan<int> context)
    {
        var from = Key(context) << BitsOfToken;
        var to = IndexOf(from + (1UL << BitsOfToken));
        return Enumerable.Range(IndexOf(from), to - IndexOf(from))
            .Select(i => ((int)(_runs[i] - from), _counts[i]));
    }

    private int IndexOf(ulong run)
    {
        var found = Array.BinarySearch(_runs, run);
        return found >= 0 ? found : ~found;
    }

    private static ulong Key(ReadOnlySpan<int> tokens)
    {
        var key = 0UL;
        foreach (var token in tokens)
        {
            key = (key << BitsOfToken) | (uint)token;
        }

        return key;
    }
}
