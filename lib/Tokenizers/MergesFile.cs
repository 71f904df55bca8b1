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
        var merges = new MergeList(tokens);
        for (var index = headings; index < lines.Length; index++)
        {
            merges.Add(lines[index], path, $"line {index + 1}");
        }

        return merges.Merges;
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
}
