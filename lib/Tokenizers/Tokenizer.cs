namespace Logitscope.Tokenizers;

/// <summary>
/// Text to ids and back. Method names follow Microsoft.ML.Tokenizers. Instances are immutable and may be shared by
/// threads.
/// </summary>
public abstract class Tokenizer
{
    /// <summary>How many ids there are, from 0. A model's head may have more rows, which no token uses.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>The id of the beginning-of-sequence token, or null.</summary>
    public abstract int? BosId { get; }

    /// <summary>The id of the end-of-sequence token, or null.</summary>
    public abstract int? EosId { get; }

    /// <summary>Whether the model's own tokenizer puts a BOS before a text. GPT-2's and GPT-J's do not.</summary>
    public abstract bool AddsBos { get; }

    /// <summary>
    /// Reads the tokenizer of a HuggingFace folder. Where it holds several, tokenizer.json is read, as HuggingFace's
    /// AutoTokenizer does by default; else vocab.json with merges.txt (or encoder.json with vocab.bpe), as of GPT-2;
    /// else tokenizer.model, as of LLaMA. A file that says what is not implemented is refused: the next is never tried.
    /// </summary>
    /// <exception cref="TokenizerException">The folder holds no known tokenizer, or a broken one.</exception>
    public static Tokenizer Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new TokenizerException($"No tokenizer: expected a folder of a model, found none at '{folder}'.");
        }

        return Holds(folder, TokenizerJson.Name) ? TokenizerJson.Read(folder)
            : BpeFolder.Holds(folder) ? new ByteLevelBpe(BpeFolder.Read(folder))
            : Holds(folder, SentencePieceFile.Name) ? SentencePieceFile.Read(folder)
            : throw new TokenizerException(
                $"No tokenizer in '{folder}': expected {TokenizerJson.Name}, {BpeFolder.Expected}, "
                + $"or {SentencePieceFile.Name}, got {Listing(folder)}.");
    }

    /// <summary>Whether a folder holds the files of a tokenizer, of whatever kind.</summary>
    public static bool IsIn(string folder) =>
        Holds(folder, TokenizerJson.Name) || BpeFolder.Holds(folder) || Holds(folder, SentencePieceFile.Name);

    /// <summary>The ids of a text. Never adds a BOS.</summary>
    public abstract IReadOnlyList<int> EncodeToIds(string text);

    /// <summary>The tokens of a text with the chars that each came from. Never adds a BOS.</summary>
    public abstract IReadOnlyList<EncodedToken> EncodeToTokens(string text);

    /// <summary>The text of the ids. Bytes that are no valid UTF-8 become U+FFFD.</summary>
    /// <exception cref="TokenizerException">An id is outside the vocabulary.</exception>
    public abstract string Decode(IEnumerable<int> ids);

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
            $"This tokenizer has no BOS token: expected {nameof(Bos)}.{nameof(Bos.Never)}, got {nameof(Bos)}.{bos}.");
        return new(this, [id, .. ids], text, bos, hasBos: true);
    }

    /// <summary>The prompt of ids chosen by hand, taken as they are: no BOS is added.</summary>
    /// <exception cref="TokenizerException">An id is outside the vocabulary.</exception>
    public Prompt FromIds(IEnumerable<int> ids)
    {
        int[] chosen = [.. ids];
        foreach (var id in chosen)
        {
            CheckId(id);
        }

        return new(this, chosen);
    }

    /// <summary>
    /// A token as tables and charts show it: a space is <c>␣</c>, a newline <c>⏎</c>, a tab <c>⇥</c>, a byte that is
    /// part of a character <c>&lt;0xE2&gt;</c>, any other invisible character <c>&lt;U+200B&gt;</c>. An id that the
    /// model's head has and the vocabulary has not is <c>&lt;id 50300&gt;</c>.
    /// </summary>
    /// <exception cref="TokenizerException">The id is negative.</exception>
    public string TokenText(int id)
    {
        if (id >= VocabularySize)
        {
            return $"<id {id}>";
        }

        CheckId(id);
        return TokenDisplay.Show(BytesOf(id));
    }

    /// <summary>
    /// The bytes, mostly UTF-8, that a token stands for in a text. Those of all tokens in a row are the text, but for
    /// the space in front that <see cref="Decode"/> of a LLaMA tokenizer drops.
    /// </summary>
    /// <exception cref="TokenizerException">The id is outside the vocabulary.</exception>
    public byte[] TokenBytes(int id)
    {
        CheckId(id);
        return [.. BytesOf(id)];
    }

    /// <summary>The bytes of the token of a valid id.</summary>
    protected abstract ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>Throws for an id outside the vocabulary.</summary>
    /// <exception cref="TokenizerException">The id is outside the vocabulary.</exception>
    protected void CheckId(int id)
    {
        if (id < 0 || id >= VocabularySize)
        {
            throw new TokenizerException(
                $"No such token id: expected 0 to {VocabularySize - 1}, the tokenizer's vocabulary, got {id}.");
        }
    }

    private static bool Holds(string folder, string file) => File.Exists(Path.Combine(folder, file));

    private static string Listing(string folder)
    {
        const int shown = 12;
        string[] names = [.. new DirectoryInfo(folder).EnumerateFiles().Select(file => file.Name).Order()];
        return names.Length switch
        {
            0 => "no files",
            <= shown => string.Join(", ", names),
            _ => $"{string.Join(", ", names.Take(shown))} and {names.Length - shown} more",
        };
    }
}
