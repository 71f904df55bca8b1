using Logitscope.Charts;

namespace Logitscope.Patching;

/// <summary>One candidate for the next token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">How it is shown.</param>
/// <param name="Probability">From 0 to 1.</param>
/// <param name="Margin">Its lead over the next candidate, in nats.</param>
public sealed record TokenProbability(int Id, string Token, double Probability, double Margin);

/// <summary>Candidates for charts and tables.</summary>
internal static class TokenProbabilities
{
    /// <summary>The content of a heat map's cell.</summary>
    public static Prediction ToPrediction(this IEnumerable<TokenProbability> top, double entropy) =>
        new([.. top.Select(candidate => new Candidate(candidate.Token, candidate.Probability))], entropy);

    /// <summary>The candidates as a table.</summary>
    public static Table ToTable(this IEnumerable<TokenProbability> top) => Table.Of(
        top,
        ("token", candidate => candidate.Token),
        ("id", candidate => candidate.Id),
        ("probability", candidate => candidate.Probability),
        ("margin (nats)", candidate => candidate.Margin));
}
