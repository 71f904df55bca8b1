namespace Logitscope.Charts;

/// <summary>A token and how likely the model holds it.</summary>
/// <param name="Token">The token as it is to be shown.</param>
/// <param name="Probability">From 0 to 1.</param>
public sealed record Candidate(string Token, double Probability);
