namespace Logitscope.Tokenizers;

/// <summary>A folder with the files of a byte-level BPE tokenizer, under HuggingFace's or OpenAI's names.</summary>
internal static class BpeFolder
{
    private static readonly (string Vocabulary, string Merges)[] s_names =
        [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    /// <summary>The classes that split a text by GPT-2's pattern. Others with such files split it otherwise.</summary>
    private static readonly string[] s_classes =
        ["GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast"];

    /// <summary>What a folder must hold, for a message.</summary>
    public static string Expected =>
        string.Join(" or ", s_names.Select(names => $"{names.Vocabulary} and {names.Merges}"));

    public static bool Holds(string folder) => s_names.Any(names => HasBoth(folder, names));

    public static BpeVocabulary Read(string folder)
    {
        var names = s_names.First(names => HasBoth(folder, names));
        var vocabularyPath = Path.Combine(folder, names.Vocabulary);
        var tokens = TokenIdFile.Read(vocabularyPath);
        ByteSymbols.RequireUtf8(tokens, vocabularyPath);
        var files = SpecialTokenFiles.Open(folder);
        if (files.Class is { } name && !s_classes.Contains(name))
        {
            throw new TokenizerException(
                $"{files.Config["tokenizer_class"].Where}: expected one that splits text as GPT-2 does, "
                + $"{string.Join(", ", s_classes)}, got {name}.");
        }

        files.RequirePrefixSpace(expected: false);
        var special = files.Read(
            tokens,
            vocabularyPath,
            added: [],
            (SpecialTokens.EndOfText, SpecialTokens.EndOfText),
            files.Config["add_bos_token"].Flag());
        var vocabulary = new BpeVocabulary
        {
            Tokens = tokens,
            Merges = MergesFile.Read(Path.Combine(folder, names.Merges), tokens),
            Special = special,
        };
        vocabulary.RequireEveryId(vocabularyPath);
        return vocabulary;
    }

    public static void Write(string folder, BpeVocabulary vocabulary)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"The folder '{folder}' cannot be made: {error.Message}", error);
        }

        var (vocabularyName, mergesName) = s_names[0];
        TokenIdFile.Write(Path.Combine(folder, vocabularyName), vocabulary.Tokens);
        MergesFile.Write(Path.Combine(folder, mergesName), vocabulary);
        SpecialTokenFiles.Write(folder, vocabulary.Special);
    }

    private static bool HasBoth(string folder, (string Vocabulary, string Merges) names) =>
        File.Exists(Path.Combine(folder, names.Vocabulary)) && File.Exists(Path.Combine(folder, names.Merges));
}
