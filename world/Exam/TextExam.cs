using Logitscope.Metrics;

namespace Logitscope.World;

/// <summary>How well running text is foretold, token by token.</summary>
internal static class TextExam
{
    /// <summary>Scores one predictor on one text.</summary>
    /// <param name="text">What the text is called.</param>
    /// <param name="name">What the predictor is called.</param>
    /// <param name="predictor">The predictor.</param>
    /// <param name="documents">Token ids, BOS first; documents of a single token are left out.</param>
    /// <exception cref="TrainingException">No document is long enough.</exception>
    public static TextScore Take(
        string text, string name, ITokenPredictor predictor, IReadOnlyList<IReadOnlyList<int>> documents)
    {
        IReadOnlyList<int>[] scored = [.. documents.Where(document => document.Count > 1)];
        if (scored.Length == 0)
        {
            throw new TrainingException($"{text}: expected documents with tokens to foretell, got none");
        }

        var guesses = predictor.Predict(scored);
        return new TextScore(
            text,
            name,
            Interval.OfMean([.. guesses.Select(document => document.Average(guess => guess.Surprisal))]),
            Interval.OfMean([.. guesses.Zip(scored, HitRate)]),
            scored.Length,
            guesses.Sum(document => document.Count));
    }

    private static double HitRate(IReadOnlyList<TokenGuess> guesses, IReadOnlyList<int> document) =>
        guesses.Zip(document.Skip(1), (guess, token) => guess.Top1 == token ? 1.0 : 0.0).Average();
}

/// <summary>How well text was foretold. Means and intervals are over documents, each of which counts the
/// same.</summary>
/// <param name="Text">Which text.</param>
/// <param name="Predictor">By whom.</param>
/// <param name="Surprisal">Nats a token.</param>
/// <param name="Top1">The share of tokens that were held the most probable.</param>
/// <param name="Documents">How many documents.</param>
/// <param name="Tokens">How many tokens were foretold.</param>
internal sealed record TextScore(
    string Text, string Predictor, Interval Surprisal, Interval Top1, int Documents, int Tokens);
