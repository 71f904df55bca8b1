using System.Text;
using System.Text.Json;

namespace Logitscope.Tests.Tokenizers;

/// <summary>
/// The megabyte of mixed text that independent programs encoded too; Independent/make.py draws the same text from
/// Independent/mixed_text.json.
/// </summary>
internal static class MixedText
{
    private static readonly JsonElement s_recipe =
        JsonElement.Parse(File.ReadAllText(PathOf("mixed_text.json")));

    /// <summary>A file of Independent/.</summary>
    public static string PathOf(params string[] parts) =>
        Repository.File(["tests", "Tokenizers", "Independent", .. parts]);

    /// <summary>The chunks of the text, with or without the strings that are special to some tokenizer.</summary>
    public static IEnumerable<string> Chunks(bool special)
    {
        var draw = new KnuthNumbers(s_recipe.GetProperty("seed").GetUInt64());
        string[] fragments = [.. Strings("fragments"), .. special ? Strings("special") : []];
        int[][] ranges = s_recipe.GetProperty("ranges").Deserialize<int[][]>()!;
        for (var chunk = 0; chunk < s_recipe.GetProperty("chunks").GetInt32(); chunk++)
        {
            var text = new StringBuilder();
            for (var part = 0; part < s_recipe.GetProperty("parts").GetInt32(); part++)
            {
                var kind = draw.Below(8);
                if (kind < 2)
                {
                    text.Append(draw.CharacterOf(ranges));
                    continue;
                }

                var fragment = fragments[draw.Below(fragments.Length)];
                text.Insert(text.Length, fragment, kind == 7 ? 1 + draw.Below(4) : 1);
            }

            yield return text.ToString();
        }
    }

    private static string[] Strings(string name) => s_recipe.GetProperty(name).Deserialize<string[]>()!;
}
