using Logitscope.Datasets.Atlas;
using Logitscope.Tokenizers;

namespace Logitscope.Training.Evaluation;

/// <summary>
/// The baseline: a token's probability from the one or two tokens before it, by interpolated absolute discounting. A
/// fixed part of each count is set aside for the shorter context, down to a uniform distribution.
/// </summary>
/// <remarks>Ney, Essen and Kneser, Computer Speech and Language 8 (1994).</remarks>
public sealed class NGramModel : ITokenPredictor
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
