using System.Text.Json.Serialization;

namespace Logitscope.World;

/// <summary>How well running text is foretold, token by token.</summary>
internal static class TextExam
{
    /// <summary>Scores one predictor on one text.</summary>
    /// <param name="text">What the text is called.</param>
    /// <param name="name">What the predictor is called.</param>
    /// <param name="predictor">The predictor.</param>
    /// <param name="documents">Token ids, BOS first; documents of a single token are left out.</param>
    /// <param name="groups">Which documents belong together. Default: each is its own.</param>
    /// <param name="strata">Which part of a designed mixture each is from. Default: one.</param>
    /// <param name="less">What the same documents scored before, to be compared with.</param>
    /// <param name="error">How often an interval of the differences may miss.</param>
    /// <exception cref="TrainingException">No document is long enough.</exception>
    public static TextScore Take(
        string text,
        string name,
        ITokenPredictor predictor,
        IReadOnlyList<IReadOnlyList<int>> documents,
        IReadOnlyList<int>? groups = null,
        IReadOnlyList<int>? strata = null,
        TextScore? less = null,
        double error = 0.05)
    {
        int[] kept = [.. documents.Index().Where(document => document.Item.Count > 1).Select(document => document.Index)];
        IReadOnlyList<int>[] scored = [.. kept.Select(i => documents[i])];
        if (scored.Length == 0)
        {
            throw new TrainingException($"{text}: expected documents with tokens to foretell, got none");
        }

        var guesses = predictor.Predict(scored);
        double[] surprisals = [.. guesses.Select(document => document.Average(guess => guess.Surprisal))];
        double[] hits = [.. guesses.Zip(scored, HitRate)];
        var sample = Of(surprisals);
        return new TextScore(
            text,
            name,
            sample.Hall(),
            Of(hits).Hall(),
            less is null ? null : Of([.. surprisals.Zip(less.Surprisals, (a, b) => a - b)]).Hall(error),
            less is null ? null : Of([.. hits.Zip(less.Hits, (a, b) => a - b)]).Hall(error),
            scored.Length,
            sample.Groups,
            guesses.Sum(document => document.Count))
        {
            Surprisals = surprisals,
            Hits = hits,
        };

        Sample Of(double[] values) => new(
            values,
            groups is null ? null : [.. kept.Select(i => groups[i])],
            strata is null ? null : [.. kept.Select(i => strata[i])]);
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
/// <param name="LessSurprisal">The difference in nats a token from another predictor's, over the same documents.</param>
/// <param name="LessTop1">The same of the share of tokens.</param>
/// <param name="Documents">How many documents.</param>
/// <param name="Groups">How many groups they are: what is independent of each other.</param>
/// <param name="Tokens">How many tokens were foretold.</param>
internal sealed record TextScore(
    string Text,
    string Predictor,
    Interval Surprisal,
    Interval Top1,
    Interval? LessSurprisal,
    Interval? LessTop1,
    int Documents,
    int Groups,
    int Tokens)
{
    /// <summary>Of each document.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Surprisals { get; init; } = [];

    /// <summary>Of each document.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Hits { get; init; } = [];
}
