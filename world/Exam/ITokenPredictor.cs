namespace Logitscope.World;

/// <summary>Foretells text token by token: a language model, or a baseline beside it.</summary>
internal interface ITokenPredictor
{
    /// <summary>Foretells every token of each sequence but the first, from those before it.</summary>
    /// <param name="sequences">Token ids, BOS first; at least two each.</param>
    /// <returns>For each sequence, one guess a token from the second on.</returns>
    IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences);
}
