namespace Logitscope.Tokenizers;

/// <summary>A folder with the files of a byte-level BPE tokenizer, under HuggingFace's or OpenAI's names.</summary>
internal static class BpeFolder
{
    private static readonly (string Vocabulary, string Merges)[] s_names =
        [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    /// <summary>What a folder must hold, for a message.</summary>
    public static string Expected =>
        string.Join(" or ", s_names.Select(names => $"{names.Vocabulary} and {names.Merges}"));

    public static bool Holds(string folder) => s_names.Any(names => HasBoth(folder, names));

    public static BpeVocabulary Read(string folder)
    {
        var names = s_names.First(names => HasBoth(folder, names));
        var vocabularyPath = Path.Combine(folder, names.Vocabulary);
        var tokens = TokenIdFile.Read(vocabularyPath);
        RequireBytes(vocabularyPath, tokens);
        var special = SpecialTokens.Read(folder, tokens);
        RequireEveryId(vocabularyPath, [.. tokens.Values.Union(special.Added.Values)]);
        return new()
        {
            Tokens = tokens,
            Merges = MergesFile.Read(Path.Combine(folder, names.Merges), tokens),
            AddedTokens = special.Added,
            BosToken = special.Bos,
            EosToken = special.Eos,
            AddsBos = special.AddsBos,
        };
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
        SpecialTokens.Write(folder, vocabulary);
    }

    private static bool HasBoth(string folder, (string Vocabulary, string Merges) names) =>
        File.Exists(Path.Combine(folder, names.Vocabulary)) && File.Exists(Path.Combine(folder, names.Merges));

    private static void RequireBytes(string path, Dictionary<string, int> tokens)
    {
        foreach (var value in ByteSymbols.Order)
        {
            if (!tokens.ContainsKey(ByteSymbols.SymbolOf(value)))
            {
                throw new TokenizerException(
                    $"'{path}' is no byte-level vocabulary: expected a token for each of the 256 bytes, "
                    + $"got none for 0x{value:X2}, '{ByteSymbols.SymbolOf(value)}'.");
            }
        }
    }

    private static void RequireEveryId(string path, HashSet<int> ids)
    {
        for (var id = 0; id < ids.Count; id++)
        {
            if (!ids.Contains(id))
            {
                throw new TokenizerException(
                    $"'{path}' and the added tokens have {ids.Count} ids: "
                    + $"expected 0 to {ids.Count - 1}, got no token for {id}.");
            }
        }
    }
}
