namespace Logitscope.Tokenizers;

/// <summary>What the files of a SentencePiece BPE tokenizer hold, beyond what every BPE's do.</summary>
internal sealed record SentencePieceVocabulary : BpeVocabulary
{
    /// <summary>The rank of each merge, where several share one; null where each has its place as its rank.</summary>
    public IReadOnlyList<int>? MergeRanks { get; init; }

    /// <summary>What is done to a stretch after the added tokens are out.</summary>
    public TextRewriter Preparation { get; init; } = TextRewriter.None;

    /// <summary>Whether a character without a token becomes the <see cref="ByteTokens"/> of its bytes.</summary>
    public required bool FallsBackToBytes { get; init; }

    /// <summary>The token of a character that has none; null only with <see cref="FallsBackToBytes"/>.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Whether unknown characters in a row become one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether decoding drops the first space, which encoding put there.</summary>
    public required bool DropsFirstSpace { get; init; }
}
