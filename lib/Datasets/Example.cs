using Logitscope.Tokenizers;

namespace Logitscope.Datasets;

/// <summary>One document of a data set: a text, or token ids that some tokenizer made before.</summary>
/// <param name="Id">Its name in results; a reader gives <c>file:line</c> where the row has none of its own.</param>
/// <param name="Text">The text, or null where there are ids.</param>
/// <param name="Ids">The ids, or null where there is a text.</param>
/// <exception cref="DatasetException">Both or neither of text and ids are given.</exception>
public sealed record Example(string Id, string? Text, IReadOnlyList<int>? Ids)
{
    /// <summary>The text, or null where there are ids.</summary>
    public string? Text { get; } = (Text is null) != (Ids is null)
        ? Text
        : throw new DatasetException(
            $"Example '{Id}': expected a text or ids, got {(Text is null ? "neither" : "both")}.");

    /// <summary>The ids, or null where there is a text.</summary>
    public IReadOnlyList<int>? Ids { get; } = Ids;

    /// <summary>
    /// What a model is given: the text encoded, or the ids as they are, without a BOS; then the first
    /// <paramref name="contextLength"/> tokens, BOS counted.
    /// </summary>
    /// <exception cref="LogitscopeException">
    /// The ids are outside the vocabulary, the tokenizer lacks the BOS asked for, or the context length is less than 1.
    /// </exception>
    public Prompt ToPrompt(ModelTokenizer tokenizer, Bos bos, int contextLength) =>
        (Text is not null ? tokenizer.Encode(Text, bos) : tokenizer.FromIds(Ids!)).Truncate(contextLength);
}
