namespace Logitscope.Tokenizers;

/// <summary>
/// The ids that a model is given, and where they came from: a text and a <see cref="Tokenizers.Bos"/>, or ids chosen by
/// hand, which never get a BOS. Made by <see cref="ModelTokenizer.Encode"/> and <see cref="ModelTokenizer.FromIds"/>.
/// </summary>
public sealed class Prompt
{
    private readonly Lazy<IReadOnlyList<PromptToken>> _tokens;

    internal Prompt(
        ModelTokenizer tokenizer, IReadOnlyList<int> ids, string? text = null, Bos? bos = null, bool hasBos = false)
    {
        Tokenizer = tokenizer;
        Ids = ids;
        Text = text;
        Bos = bos;
        HasBos = hasBos;
        _tokens = new(() => [.. ids.Select((id, position) => new PromptToken(position, id, tokenizer.TokenText(id)))]);
    }

    /// <summary>What encoded the text, and shows the ids.</summary>
    public ModelTokenizer Tokenizer { get; }

    /// <summary>The ids, BOS included where there is one.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The text, whole even after <see cref="Truncate"/>; null when the ids were given by hand.</summary>
    public string? Text { get; }

    /// <summary>The BOS that was asked for; null when the ids were given by hand.</summary>
    public Bos? Bos { get; }

    /// <summary>Whether position 0 is a BOS that encoding put there.</summary>
    public bool HasBos { get; }

    /// <summary>How many tokens, BOS counted.</summary>
    public int Count => Ids.Count;

    /// <summary>The token table, one row a position.</summary>
    public IReadOnlyList<PromptToken> Tokens => _tokens.Value;

    /// <summary>The 0-based position that an index such as <c>3</c> or <c>^1</c> means here.</summary>
    /// <exception cref="PositionException">The prompt has no such position.</exception>
    public int ResolvePosition(Index index) =>
        Checked(index.IsFromEnd ? (long)Count - index.Value : index.Value, $"{index}");

    /// <summary>The 0-based position that a signed number means here; -1 is the last.</summary>
    /// <exception cref="PositionException">The prompt has no such position.</exception>
    public int ResolvePosition(int position) =>
        Checked(position < 0 ? (long)Count + position : position, $"{position}");

    /// <summary>
    /// The first <paramref name="contextLength"/> ids, BOS counted, as the reference cuts a long text to its model's
    /// context; the prompt itself where it fits.
    /// </summary>
    /// <exception cref="PositionException"><paramref name="contextLength"/> is less than 1.</exception>
    public Prompt Truncate(int contextLength)
    {
        if (contextLength < 1)
        {
            throw new PositionException($"A prompt is cut to a context of 1 or more tokens, got {contextLength}.");
        }

        return Count <= contextLength ? this : new(Tokenizer, [.. Ids.Take(contextLength)], Text, Bos, HasBos);
    }

    /// <summary>The tokens as shown, separated by <c>|</c>.</summary>
    public override string ToString() => string.Join('|', Tokens.Select(token => token.Text));

    private int Checked(long position, string asked)
    {
        if (position >= 0 && position < Count)
        {
            return (int)position;
        }

        var expected = Count == 0
            ? "the prompt has no tokens"
            : $"expected 0 to {Count - 1}, or ^1 (-1) to ^{Count} (-{Count}), of {Count} tokens, BOS counted";
        throw new PositionException($"No such position: {expected}, got {asked}.");
    }
}
