using System.Text;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

/// <summary>A tokenizer of which only the base class of Microsoft.ML.Tokenizers need be known.</summary>
internal sealed class ForeignTokenizer : ModelTokenizer
{
    private static readonly string[] s_probes = ["a", "1", "."];

    private readonly Microsoft.ML.Tokenizers.Tokenizer _tokenizer;

    public ForeignTokenizer(Microsoft.ML.Tokenizers.Tokenizer tokenizer, int vocabularySize, int? bosId, int? eosId)
    {
        _tokenizer = tokenizer;
        VocabularySize = vocabularySize;
        var (itsBos, itsEos) = RolesOf(tokenizer);
        (BosId, EosId) = (bosId ?? itsBos, eosId ?? itsEos);

        // The base class does not tell what is put around a text; around these three it shows.
        IReadOnlyList<int>[] probes = [.. s_probes.Select(text => tokenizer.EncodeToIds(text))];
        AddsBos = probes.All(ids => ids.Count > 0 && ids[0] == BosId);
        if (probes.All(ids => ids.Count > 1 && ids[^1] == probes[0][^1]))
        {
            throw new TokenizerException(
                $"{tokenizer.GetType().Name}: expected one that puts nothing after a text, got {probes[0][^1]} after each.");
        }
    }

    public override PreTokenizer? PreTokenizer => _tokenizer.PreTokenizer;
    public override Normalizer? Normalizer => _tokenizer.Normalizer;

    public override string Decode(IEnumerable<int> ids)
    {
        int[] all = [.. ids];
        CheckIds(all);
        return _tokenizer.Decode(all) ?? "";
    }

    private protected override IReadOnlyList<int> AllIds(string text, EncodeSettings settings)
    {
        var ids = _tokenizer.EncodeToIds(text, settings.ConsiderPreTokenization, settings.ConsiderNormalization);
        return AddsBos && ids.Count > 0 ? [.. ids.Skip(1)] : ids;
    }

    private protected override IReadOnlyList<EncodedToken> AllTokens(
        string text, EncodeSettings settings, out string? normalizedText)
    {
        var tokens = _tokenizer.EncodeToTokens(
            text, out normalizedText, settings.ConsiderPreTokenization, settings.ConsiderNormalization);
        return [.. tokens.Skip(AddsBos ? 1 : 0).Select(token => new EncodedToken(token.Id, TokenText(token.Id), token.Offset))];
    }

    // What the token adds to a text that has it already: some drop the space of a first word. What is no whole character comes
    // out as U+FFFD, which may have been any byte.
    private protected override ReadOnlySpan<byte> BytesOf(int id)
    {
        try
        {
            var (once, twice) = (Decode([id]), Decode([id, id]));
            var added = twice.StartsWith(once, StringComparison.Ordinal) ? twice[once.Length..] : once;
            return added.Contains('\uFFFD', StringComparison.Ordinal) ? default : Encoding.UTF8.GetBytes(added);
        }
        catch (InvalidOperationException)
        {
            return default; // the base class's word for an id that has no token
        }
    }

    private static (int? Bos, int? Eos) RolesOf(Microsoft.ML.Tokenizers.Tokenizer tokenizer)
    {
        return tokenizer switch
        {
            SentencePieceTokenizer its => (its.BeginningOfSentenceId, its.EndOfSentenceId),
            CodeGenTokenizer its => (its.BeginningOfSentenceId, its.EndOfSentenceId),
            Microsoft.ML.Tokenizers.BpeTokenizer its => (
                IdIn(its.Vocabulary, its.BeginningOfSentenceToken), IdIn(its.Vocabulary, SpecialTokens.EndOfText)),
            TiktokenTokenizer its => (
                IdIn(its.SpecialTokens, SpecialTokens.EndOfText), IdIn(its.SpecialTokens, SpecialTokens.EndOfText)),
            _ => (null, null),
        };

        static int? IdIn(IReadOnlyDictionary<string, int>? ids, string? token) =>
            ids is not null && ids.TryGetValue(token ?? SpecialTokens.EndOfText, out var id) ? id : null;
    }
}

/// <summary>Stands for the tokenizer of a model that has none: ids go through and are shown as numbers, text does not.</summary>
internal sealed class NoTokenizer : ModelTokenizer
{
    private readonly string _reason;

    public NoTokenizer(int vocabularySize, string reason) => (VocabularySize, _reason) = (vocabularySize, reason);

    /// <summary>The numbers, separated by spaces.</summary>
    public override string Decode(IEnumerable<int> ids) => string.Join(' ', ids);

    private protected override IReadOnlyList<int> AllIds(string text, EncodeSettings settings) =>
        throw new TokenizerException(_reason);

    private protected override IReadOnlyList<EncodedToken> AllTokens(
        string text, EncodeSettings settings, out string? normalizedText) => throw new TokenizerException(_reason);

    private protected override ReadOnlySpan<byte> BytesOf(int id) => Encoding.ASCII.GetBytes($"#{id}");
}
