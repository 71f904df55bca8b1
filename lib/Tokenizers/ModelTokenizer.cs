using System.Buffers;
using Microsoft.ML.Tokenizers;

namespace Logitscope;

/// <summary>
/// A tokenizer of Microsoft.ML.Tokenizers that also says what a model needs of it: how many ids there are, which of
/// them begin and end a text, and how a token is shown. Instances are immutable and may be shared by threads.
/// </summary>
public abstract class ModelTokenizer : Microsoft.ML.Tokenizers.Tokenizer
{
    /// <summary>How many ids there are, from 0. A model's head may have more rows, which no token uses.</summary>
    public int VocabularySize { get; private protected init; }

    /// <summary>The id of the beginning-of-sequence token, or null.</summary>
    public int? BosId { get; private protected init; }

    /// <summary>The id of the end-of-sequence token, or null.</summary>
    public int? EosId { get; private protected init; }

    /// <summary>Whether the model's own tokenizer puts a BOS before a text. GPT-2's and GPT-J's do not.</summary>
    public bool AddsBos { get; private protected init; }

    /// <summary>
    /// Reads the tokenizer of a HuggingFace folder. Where it holds several, tokenizer.json is read, as HuggingFace's
    /// AutoTokenizer does by default; else vocab.json with merges.txt (or encoder.json with vocab.bpe), as of GPT-2;
    /// else tokenizer.model, as of LLaMA. A file that says what is not implemented is refused: the next is never tried.
    /// </summary>
    /// <exception cref="TokenizerException">The folder holds no known tokenizer, or a broken one.</exception>
    public static ModelTokenizer Load(string folder)
    {
        return !Directory.Exists(folder)
                ? throw new TokenizerException($"No tokenizer: expected a folder of a model, found none at '{folder}'.")
            : Holds(folder, TokenizerJson.Name) ? TokenizerJson.Read(folder)
            : BpeFolder.Holds(folder) ? new ByteLevelBpe(BpeFolder.Read(folder))
            : Holds(folder, SentencePieceFile.Name) ? SentencePieceFile.Read(folder)
            : throw new TokenizerException(
                $"No tokenizer in '{folder}': expected {TokenizerJson.Name}, {BpeFolder.Expected}, "
                + $"or {SentencePieceFile.Name}, got {CheckpointFile.Contents(folder)}.");
    }

    /// <summary>Whether a folder holds the files of a tokenizer, of whatever kind.</summary>
    public static bool IsIn(string folder) =>
        Holds(folder, TokenizerJson.Name) || BpeFolder.Holds(folder) || Holds(folder, SentencePieceFile.Name);

    /// <summary>
    /// Any tokenizer of Microsoft.ML.Tokenizers as a model uses it; one that is a <see cref="ModelTokenizer"/> already comes
    /// back as it is. A BOS that it puts before every text is left to <see cref="Encode"/>.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">How many ids there are: the rows of the model's head.</param>
    /// <param name="bosId">Its BOS; where left out, what the package's own classes say, or none.</param>
    /// <param name="eosId">Its EOS; likewise.</param>
    /// <exception cref="TokenizerException">It puts an EOS after every text.</exception>
    public static ModelTokenizer Wrap(
        Microsoft.ML.Tokenizers.Tokenizer tokenizer, int vocabularySize, int? bosId = null, int? eosId = null) =>
        tokenizer as ModelTokenizer ?? new ForeignTokenizer(tokenizer, vocabularySize, bosId, eosId);

    /// <summary>The text of the ids. Bytes that are no valid UTF-8 become U+FFFD.</summary>
    /// <exception cref="TokenizerException">An id is outside the vocabulary.</exception>
    public abstract override string Decode(IEnumerable<int> ids);

    /// <inheritdoc/>
    /// <remarks>Where the destination is too small it gets whole characters, and the ids consumed are all theirs.</remarks>
    public sealed override OperationStatus Decode(
        IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        int[] all = [.. ids];
        var text = Decode(all);
        var (fit, tooMany) = text.Length <= destination.Length ? (all.Length, all.Length) : (0, all.Length);
        while (fit + 1 < tooMany)
        {
            var half = (fit + tooMany) / 2;
            (fit, tooMany) = Decode(all.Take(half)).Length <= destination.Length ? (half, tooMany) : (fit, half);
        }

        var written = Decode(all.Take(fit));
        while (!text.StartsWith(written, StringComparison.Ordinal))
        {
            written = Decode(all.Take(--fit));
        }

        written.CopyTo(destination);
        (idsConsumed, charsWritten) = (fit, written.Length);
        return fit == all.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <summary>
    /// The prompt of a text. <see cref="Bos.Always"/>, the reference's choice, puts one BOS in front whatever the text
    /// begins with.
    /// </summary>
    /// <exception cref="TokenizerException">A BOS is asked for and this tokenizer has none.</exception>
    public Prompt Encode(string text, Bos bos = Bos.Always)
    {
        var ids = EncodeToIds(text);
        var addsBos = bos == Bos.Always || (bos == Bos.Model && AddsBos);
        if (!addsBos)
        {
            return new(this, ids, text, bos);
        }

        var id = BosId ?? throw new TokenizerException(
            $"This tokenizer has no BOS token: expected {nameof(Bos)}.{nameof(Bos.Never)}, or a bos_token in its "
            + $"tokenizer_config.json, got {nameof(Bos)}.{bos}.");
        return new(this, [id, .. ids], text, bos, hasBos: true);
    }

    /// <summary>The prompt of ids chosen by hand, taken as they are: no BOS is added.</summary>
    /// <exception cref="TokenizerException">An id is outside the vocabulary.</exception>
    public Prompt FromIds(IEnumerable<int> ids)
    {
        int[] chosen = [.. ids];
        CheckIds(chosen);
        return new(this, chosen);
    }

    /// <summary>
    /// A token as tables and charts show it: a space is <c>␣</c>, a newline <c>⏎</c>, a tab <c>⇥</c>, a byte that is
    /// part of a character <c>&lt;0xE2&gt;</c>, any other invisible character <c>&lt;U+200B&gt;</c>. An id that the
    /// model's head has and the vocabulary has not, or whose bytes are not known, is <c>&lt;id 50300&gt;</c>.
    /// </summary>
    /// <exception cref="TokenizerException">The id is negative.</exception>
    public string TokenText(int id)
    {
        if (id < VocabularySize)
        {
            CheckIds([id]);
            if (BytesOf(id) is { IsEmpty: false } bytes)
            {
                return TokenDisplay.Show(bytes);
            }
        }

        return $"<id {id}>";
    }

    /// <summary>
    /// The bytes, mostly UTF-8, that a token stands for in a text. Those of all tokens in a row are the text, but for
    /// the space in front that <see cref="Decode(IEnumerable{int})"/> of a LLaMA tokenizer drops. Of a tokenizer that
    /// was wrapped they are known where they are whole characters; else there are none.
    /// </summary>
    /// <exception cref="TokenizerException">The id is outside the vocabulary.</exception>
    public byte[] TokenBytes(int id)
    {
        CheckIds([id]);
        return [.. BytesOf(id)];
    }

    /// <summary>The ids of a text, without a BOS.</summary>
    private protected abstract IReadOnlyList<int> AllIds(string text, EncodeSettings settings);

    // The tokens of a text, without a BOS, as TokenText shows them. An offset is the chars of which a token holds any byte, so
    // tokens that share the bytes of one character share its range.
    private protected abstract IReadOnlyList<EncodedToken> AllTokens(
        string text, EncodeSettings settings, out string? normalizedText);

    /// <summary>The bytes of the token of a valid id.</summary>
    private protected abstract ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>Throws for an id outside the vocabulary.</summary>
    private protected void CheckIds(params ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if (id < 0 || id >= VocabularySize)
            {
                throw new TokenizerException(
                    $"No such token id: expected 0 to {VocabularySize - 1}, the tokenizer's vocabulary, got {id}.");
            }
        }
    }

    /// <inheritdoc/>
    protected sealed override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= textSpan.ToString();
        return settings.MaxTokenCount == int.MaxValue
            ? new() { Tokens = AllIds(text, settings), CharsConsumed = text.Length }
            : base.EncodeToIds(text, textSpan, settings);
    }

    /// <inheritdoc/>
    /// <remarks>No character is cut in two.</remarks>
    protected sealed override EncodeResults<EncodedToken> EncodeToTokens(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        text ??= textSpan.ToString();
        var tokens = AllTokens(text, settings, out var normalizedText);
        var (count, end) = CutOf(tokens, settings.MaxTokenCount, fromEnd: false, normalizedText ?? text);
        return new()
        {
            Tokens = count == tokens.Count ? tokens : [.. tokens.Take(count)],
            NormalizedText = normalizedText,
            CharsConsumed = end,
        };
    }

    /// <inheritdoc/>
    protected sealed override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc/>
    /// <remarks>No character is cut in two.</remarks>
    protected sealed override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        text ??= textSpan.ToString();
        var tokens = AllTokens(text, settings, out normalizedText);
        var (cut, place) = CutOf(tokens, settings.MaxTokenCount, fromEnd, normalizedText ?? text);
        tokenCount = fromEnd ? tokens.Count - cut : cut;
        return place;
    }

    /// <summary>Where to cut so that at most so many tokens stand before, or after: the number of tokens and the char.</summary>
    private static (int Tokens, int Char) CutOf(IReadOnlyList<EncodedToken> tokens, int most, bool fromEnd, string text)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        var cut = fromEnd ? Math.Max(0, tokens.Count - most) : Math.Min(tokens.Count, most);
        while (0 < cut && cut < tokens.Count && tokens[cut].Offset.Start.Value < tokens[cut - 1].Offset.End.Value)
        {
            cut += fromEnd ? 1 : -1;
        }

        return cut == 0 ? (cut, 0)
            : cut == tokens.Count ? (cut, text.Length)
            : (cut, fromEnd ? tokens[cut].Offset.Start.Value : tokens[cut - 1].Offset.End.Value);
    }

    private static bool Holds(string folder, string file) => File.Exists(Path.Combine(folder, file));
}

/// <summary>
/// A tokenizer's files cannot be used, or an id or a BOS was asked for that the tokenizer does not have. The message
/// names the file and line where there is one.
/// </summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it, for a debugger.</param>
public sealed class TokenizerException(string message, Exception? inner = null) : LogitscopeException(message, inner);
