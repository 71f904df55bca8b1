using System.Security.Cryptography;
using System.Text.Json;
using Logitscope.World;

namespace Logitscope.Tests.World;

/// <summary>A corpora folder with one source of natural text, and four documents that are kept back.</summary>
internal static class TinyCorpora
{
    private const string Source = "prose-of-old";

    /// <summary>Writes it.</summary>
    /// <param name="folder">Gets <c>corpora</c>.</param>
    /// <param name="share">The share of natural text.</param>
    /// <returns>What a recipe says of it.</returns>
    public static NaturalMix Write(TemporaryFolder folder, double share = 0.3)
    {
        var texts = Enumerable.Range(0, 20)
            .Select(i => (Source, $"Text number {i} of the source. {new string((char)('a' + i), 200)}."));
        var kept = "abcd".Select(c => (c < 'c' ? Source : "elsewhere", $"Nobody has read this. {new string(c, 200)}!"));
        return new NaturalMix(
            share,
            [new NaturalSource("prose", 1, $"https://example.org/{Source}", "public domain", Rows("prose", texts))],
            new Dictionary<string, string> { ["kept"] = Rows("held-out/kept", kept) });

        string Rows(string name, IEnumerable<(string Source, string Text)> rows)
        {
            var path = folder.Write($"corpora/{name}.jsonl", string.Concat(rows.Select(row =>
                JsonSerializer.Serialize(new { text = row.Text, meta = new { source = row.Source } }) + "\n")));
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
    }
}
