namespace Logitscope.Tokenizers;

/// <summary>One row of a prompt's token table.</summary>
/// <param name="Position">0-based, BOS counted.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Text">The token as tables and charts show it: <see cref="ModelTokenizer.TokenText"/>.</param>
public readonly record struct PromptToken(int Position, int Id, string Text);
