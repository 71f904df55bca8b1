namespace Logitscope.Patching;

/// <summary>One candidate for the next token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">How it is shown.</param>
/// <param name="Probability">From 0 to 1.</param>
/// <param name="Margin">Its lead over the next candidate, in nats.</param>
public sealed record TokenProbability(int Id, string Token, double Probability, double Margin);
