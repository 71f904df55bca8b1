namespace Logitscope.Tokenizers;

/// <summary>Stands for the tokenizer of a model that has none: ids go through and are shown as numbers, text does not.</summary>
/// <param name="vocabularySize">How many ids the model knows.</param>
/// <param name="reason">Why there is no tokenizer; the message when a text is to be encoded.</param>
public sealed class NoTokenizer(int vocabularySize, string reason) : Tokenizer
{
    /// <inheritdoc/>
    public override int VocabularySize => vocabularySize;

    /// <inheritdoc/>
    public override int? BosId => null;

    /// <inheritdoc/>
    public override int? EosId => null;

    /// <inheritdoc/>
    public override bool AddsBos => false;

    /// <inheritdoc/>
    /// <exception cref="TokenizerException">Always.</exception>
    public override IReadOnlyList<int> EncodeToIds(string text) => throw new TokenizerException(reason);

    /// <inheritdoc/>
    /// <exception cref="TokenizerException">Always.</exception>
    public override IReadOnlyList<EncodedToken> EncodeToTokens(string text) => throw new TokenizerException(reason);

    /// <summary>The numbers, separated by spaces.</summary>
    /// <param name="ids">The ids.</param>
    /// <returns>For example <c>5 17 3</c>.</returns>
    public override string Decode(IEnumerable<int> ids) => string.Join(' ', ids);

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> BytesOf(int id) => System.Text.Encoding.ASCII.GetBytes($"#{id}");
}
