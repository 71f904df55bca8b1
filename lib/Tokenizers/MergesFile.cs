using System.Text;

namespace Logitscope.Tokenizers;

/// <summary>
/// merges.txt: a line a merge, two tokens with a space between, the most frequent first. A first line
/// <c>#version: ...</c> is a heading.
/// </summary>
internal static class MergesFile
{
    private const string Heading = "#version: 0.2";

    public static IReadOnlyList<BpeMerge> Read(string path, IReadOnlyDictionary<string, int> tokens)
    {
        var lines = TokenizerFile.ReadLines(path);
        var headings = lines is [var first, ..] && first.StartsWith("#version", StringComparison.Ordinal) ? 1 : 0;
        var merges = new List<BpeMerge>(lines.Length);
        var lineOf = new Dictionary<(int, int), int>();
        for (var index = headings; index < lines.Length; index++)
        {
            var merge = Parse(lines[index], tokens, $"'{path}', line {index + 1}");
            if (!lineOf.TryAdd((merge.Left, merge.Right), index + 1))
            {
                throw new TokenizerException(
                    $"'{path}', line {index + 1}: expected each merge once, got that of line "
                    + $"{lineOf[(merge.Left, merge.Right)]} again: '{lines[index]}'.");
            }

            merges.Add(merge);
        }

        return merges;
    }

    public static void Write(string path, BpeVocabulary vocabulary)
    {
        var tokenOf = vocabulary.Tokens.ToDictionary(token => token.Value, token => token.Key);
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var merge in vocabulary.Merges)
        {
            text.Append($"{tokenOf[merge.Left]} {tokenOf[merge.Right]}\n");
        }

        TokenizerFile.Write(path, text.ToString());
    }

    private static BpeMerge Parse(string line, IReadOnlyDictionary<string, int> tokens, string where)
    {
        return line.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
            ? new(IdOf(left), IdOf(right), IdOf(left + right))
            : throw new TokenizerException($"{where}: expected two tokens with one space between, got '{line}'.");

        int IdOf(string token) => tokens.TryGetValue(token, out var id)
            ? id
            : throw new TokenizerException(
                $"{where}: expected a merge of tokens into a token of the vocabulary, "
                + $"got '{line}', and it has no '{token}'.");
    }
}
