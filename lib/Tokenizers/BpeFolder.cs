namespace Logitscope;

/// <summary>A folder with the files of a byte-level BPE tokenizer, under HuggingFace's or OpenAI's names.</summary>
internal static class BpeFolder
{
    private static readonly (string Vocabulary, string Merges)[] s_names =
        [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    /// <summary>The classes that split a text by GPT-2's pattern. Others with such files split it otherwise.</summary>
    private static readonly string[] s_classes =
        ["GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast"];

    /// <summary>What a folder must hold, for a message.</summary>
    public static string Expected => string.Join(" or ", s_names.Select(names => $"{names.Vocabulary} and {names.Merges}"));

    public static bool Holds(string folder) => s_names.Any(names => HasBoth(folder, names));

    public static BpeVocabulary Read(string folder)
    {
        var names = s_names.First(names => HasBoth(folder, names));
        var vocabularyPath = Path.Combine(folder, names.Vocabulary);
        var tokens = TokenIdFile.Read(vocabularyPath);
        ByteSymbols.RequireUtf8(tokens, vocabularyPath);
        var files = new SpecialTokenFiles(folder);
        if (files.Class is { } name && !s_classes.Contains(name))
        {
            throw new TokenizerException(
                $"{files.Config["tokenizer_class"].Where}: expected one that splits text as GPT-2 does, "
                + $"{string.Join(", ", s_classes)}, got {name}.");
        }

        files.RequirePrefixSpace(expected: false);
        var (otherwise, addsBos) = (SpecialTokens.EndOfText, files.Config["add_bos_token"].Flag());
        var vocabulary = new BpeVocabulary
        {
            Tokens = tokens,
            Merges = MergesFile.Read(Path.Combine(folder, names.Merges), tokens),
            Special = files.Read(tokens, vocabularyPath, added: [], (otherwise, otherwise), addsBos),
        };
        vocabulary.RequireEveryId(vocabularyPath);
        return vocabulary;
    }

    private static bool HasBoth(string folder, (string Vocabulary, string Merges) names) =>
        File.Exists(Path.Combine(folder, names.Vocabulary)) && File.Exists(Path.Combine(folder, names.Merges));
}

// What the files of a BPE tokenizer hold, checked: ids run from 0 with none missing, and every merge joins tokens into a token.
internal record BpeVocabulary
{
    /// <summary>Tokens as their file spells them, to ids.</summary>
    public required IReadOnlyDictionary<string, int> Tokens { get; init; }

    /// <summary>The first is merged first.</summary>
    public required IReadOnlyList<BpeMerge> Merges { get; init; }

    /// <summary>The tokens matched in a text as they are written, and the roles that some have.</summary>
    public required SpecialTokens Special { get; init; }

    /// <summary>What is done to a text between added tokens.</summary>
    public TextRewriter Normalizer { get; init; } = TextRewriter.None;

    /// <summary>How many ids there are, added tokens counted.</summary>
    public int Size => Tokens.Values.Union(Special.Added.Select(token => token.Id)).Count();

    /// <summary>Throws unless the ids run from 0 with none missing.</summary>
    public void RequireEveryId(string path)
    {
        HashSet<int> ids = [.. Tokens.Values, .. Special.Added.Select(token => token.Id)];
        foreach (var id in Enumerable.Range(0, ids.Count).Where(id => !ids.Contains(id)))
        {
            throw new TokenizerException(
                $"'{path}' and the added tokens have {ids.Count} ids: expected 0 to {ids.Count - 1}, got no token for {id}.");
        }
    }
}

// merges.txt: a line a merge, two tokens with a space between, the most frequent first. A first line #version: ... is a heading.
internal static class MergesFile
{
    public static IReadOnlyList<BpeMerge> Read(string path, IReadOnlyDictionary<string, int> tokens)
    {
        var lines = TokenizerFile.ReadLines(path);
        var headings = lines is [var first, ..] && first.StartsWith("#version", StringComparison.Ordinal) ? 1 : 0;
        var merges = new MergeList(tokens);
        for (var index = headings; index < lines.Length; index++)
        {
            merges.Add(lines[index].Split(' '), path, $"line {index + 1}");
        }

        return merges.Merges;
    }
}
