using Logitscope.Metrics;

namespace Logitscope.Training.Evaluation;

/// <summary>How well running text is foretold, token by token.</summary>
public static class TextExam
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
            new Sample([.. guesses.Select(document => document.Average(guess => guess.Surprisal))]).Hall(),
            new Sample([.. guesses.Zip(scored, HitRate)]).Hall(),
            scored.Length,
            guesses.Sum(document => document.Count));
    }

    private static double HitRate(IReadOnlyList<TokenGuess> guesses, IReadOnlyList<int> document) =>
        guesses.Zip(document.Skip(1), (guess, token) => guess.Top1 == token ? 1.0 : 0.0).Average();
}
