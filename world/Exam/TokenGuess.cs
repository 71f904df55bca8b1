namespace Logitscope.World;

/// <summary>What was said of one token before it was seen.</summary>
/// <param name="Top1">The most probable token.</param>
/// <param name="Surprisal">-ln of the probability that the token itself was given, in nats.</param>
internal readonly record struct TokenGuess(int Top1, double Surprisal);
