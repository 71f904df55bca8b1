namespace Logitscope.Patching;

/// <summary>A token of one of several prompts.</summary>
/// <param name="Prompt">The 0-based number of the prompt.</param>
/// <param name="Position">0-based, BOS counted; a negative one counts from the end of the prompt.</param>
public readonly record struct Place(int Prompt, int Position);
