namespace Logitscope;

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

/// <summary>
/// The reference's choice of short documents: <c>len(text.split(" ")) &lt; 200 and len(text) &lt; 1600</c> in Python.
/// An example given as ids has no text to measure and is kept.
/// </summary>
public sealed record ExampleFilter
{
    /// <summary>
    /// Keeps texts of fewer words than this. Words stand between single spaces, so two spaces hold an empty word
    /// between them, and newlines separate nothing. Default 200.
    /// </summary>
    public int WordsBelow { get; init; } = 200;

    /// <summary>Keeps texts of fewer Unicode code points than this. Default 1,600.</summary>
    public int CodePointsBelow { get; init; } = 1600;

    /// <summary>Whether the example passes.</summary>
    public bool Keeps(Example example) =>
        example.Text is not { } text || (Words(text) < WordsBelow && CodePoints(text) < CodePointsBelow);

    private static int Words(string text) => text.AsSpan().Count(' ') + 1;

    private static int CodePoints(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }
}

/// <summary>A file of examples, or an example, cannot be used. The message names file and line where it can.</summary>
/// <param name="message">What, expected, got, where: one line.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public sealed class DatasetException(string message, Exception? inner = null) : LogitscopeException(message, inner);
