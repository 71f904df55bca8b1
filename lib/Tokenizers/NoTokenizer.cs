using System.Text;
using Microsoft.ML.Tokenizers;

namespace Logitscope.Tokenizers;

/// <summary>Stands for the tokenizer of a model that has none: ids go through and are shown as numbers, text does not.</summary>
/// <param name="vocabularySize">How many ids the model knows.</param>
/// <param name="reason">Why there is no tokenizer; the message when a text is to be encoded.</param>
internal sealed class NoTokenizer(int vocabularySize, string reason) : ModelTokenizer
{
    /// <inheritdoc/>
    public override int VocabularySize => vocabularySize;

    /// <inheritdoc/>
    public override int? BosId => null;

    /// <inheritdoc/>
    public override int? EosId => null;

    /// <inheritdoc/>
    public override bool AddsBos => false;

    /// <summary>The numbers, separated by spaces.</summary>
    /// <param name="ids">The ids.</param>
    /// <returns>For example <c>5 17 3</c>.</returns>
    public override string Decode(IEnumerable<int> ids) => string.Join(' ', ids);

    private protected override IReadOnlyList<int> AllIds(string text, EncodeSettings settings) =>
        throw new TokenizerException(reason);

    private protected override IReadOnlyList<EncodedToken> AllTokens(
        string text, EncodeSettings settings, out string? normalizedText) => throw new TokenizerException(reason);

    private protected override ReadOnlySpan<byte> BytesOf(int id) => Encoding.ASCII.GetBytes($"#{id}");
}
