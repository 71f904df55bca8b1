namespace Logitscope;

/// <summary>
/// The ids that a model is given, and where they came from: a text and a <see cref="Bos"/>, or ids chosen by
/// hand, which never get a BOS. Made by <see cref="ModelTokenizer.Encode"/> and <see cref="ModelTokenizer.FromIds"/>.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed class Prompt : IDisplay
{
    private readonly Lazy<IReadOnlyList<PromptToken>> _tokens;

    internal Prompt(ModelTokenizer tokenizer, IReadOnlyList<int> ids, string? text = null, Bos? bos = null, bool hasBos = false)
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
    public int ResolvePosition(Index index) => Checked(index.IsFromEnd ? (long)Count - index.Value : index.Value, $"{index}");

    /// <summary>The 0-based position that a signed number means here; -1 is the last.</summary>
    /// <exception cref="PositionException">The prompt has no such position.</exception>
    public int ResolvePosition(int position) => Checked(position < 0 ? (long)Count + position : position, $"{position}");

    /// <summary>The tokens that hold a part of the text, its last occurrence; of a word in the middle, the fewest that do.</summary>
    /// <param name="part">For example a subject's name.</param>
    /// <returns>From the first of them up to, not including, the one after the last.</returns>
    /// <exception cref="PositionException">The tokens do not hold it.</exception>
    public (int Start, int End) SpanOf(string part)
    {
        for (var start = Count - 1; start >= 0; start--)
        {
            for (var end = start + 1; end <= Count; end++)
            {
                if (part.Length > 0 && Tokenizer.Decode(Ids.Take(start..end)).Contains(part, StringComparison.Ordinal))
                {
                    return (start, end);
                }
            }
        }

        throw new PositionException($"No tokens that hold '{part}': expected a part of {this}.");
    }

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

    /// <summary>The token table: position, id, text.</summary>
    public Table ToTable() => Table.Of(
        Tokens, ("position", token => token.Position), ("id", token => token.Id), ("token", token => token.Text));

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();

    /// <summary>A signed number as an index: -1 is <c>^1</c>, the last.</summary>
    internal static Index Signed(int position) => position < 0 ? new Index(-Math.Max(position, -int.MaxValue), fromEnd: true) : position;

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

/// <summary>One row of a prompt's token table.</summary>
/// <param name="Position">0-based, BOS counted.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Text">The token as tables and charts show it: <see cref="ModelTokenizer.TokenText"/>.</param>
public readonly record struct PromptToken(int Position, int Id, string Text);

/// <summary>
/// Whether a text gets the beginning-of-sequence token in front. It moves every position by one and changes what a
/// model says, so it is never decided in silence.
/// </summary>
public enum Bos
{
    /// <summary>Prepend it. The reference does so for every prompt, though GPT-J's own tokenizer does not.</summary>
    Always,

    /// <summary>Encode the text alone.</summary>
    Never,

    /// <summary>Do what the model's own tokenizer does: <see cref="ModelTokenizer.AddsBos"/>.</summary>
    Model,
}

/// <summary>A position was asked for that the prompt does not have.</summary>
/// <param name="message">What, expected, got: one line.</param>
public sealed class PositionException(string message) : LogitscopeException(message)
{
    /// <summary>What a signed position means in so many tokens: a negative one counts from the end, -1 is the last.</summary>
    internal static long Resolve(long position, long count) => position < 0 ? count + position : position;
}
