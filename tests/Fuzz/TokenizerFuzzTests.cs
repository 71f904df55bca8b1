using System.Diagnostics;
using System.Text.Json.Nodes;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Fuzz;

/// <summary>
/// Damaged tokenizer files are read or refused with a typed error of one line, within a bounded time. What is read
/// encodes, decodes and shows its tokens.
/// </summary>
public sealed class TokenizerFuzzTests : IDisposable
{
    private const string Text = "the cat's 🙂\n e\u0301 ▁<s>th<|endoftext|>";

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_json = [.. "0123456789-{}[],:\"eF\\. tn<>"u8];
    private static readonly byte[] s_protobuf = [0, 1, 2, 3, 6, 8, 10, 18, 21, 24, 26, 0x80, 0xC2, 0x96, 0xE2, 0xFF];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Files() =>
        ["tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "tokenizer_config.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Five_hundred_damaged_files_are_read_or_refused(string name) => Fuzz(name, 500);

    [Theory]
    [MemberData(nameof(Files))]
    [Trait("Tier", "slow")]
    public void Two_hundred_thousand_damaged_files_are_read_or_refused(string name) => Fuzz(name, 200_000);

    private void Fuzz(string name, int files)
    {
        if (name is not ("tokenizer.json" or "tokenizer.model"))
        {
            Vocabularies.Small.Save(_folder.Path);
        }

        byte[][] sound = name switch
        {
            "tokenizer.json" => [LlamaJson(), ByteLevelJson()],
            "tokenizer.model" => [RawSentencePiece.Sound],
            _ => [File.ReadAllBytes(_folder.PathOf(name))],
        };
        Assert.All(sound, bytes => Use(name, bytes));
        var damage = new Damage(seed: files, name == "tokenizer.model" ? s_protobuf : s_json);
        var (refused, slowest) = (0, TimeSpan.Zero);
        for (var i = 0; i < files; i++)
        {
            var damaged = damage.Of(sound[i % sound.Length]);
            var start = Stopwatch.GetTimestamp();
            try
            {
                Use(name, damaged);
            }
            catch (TokenizerException error)
            {
                refused++;
                Assert.DoesNotContain('\n', error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"file {i}, {Convert.ToBase64String(damaged)}: {error}");
            }

            slowest = Stopwatch.GetElapsedTime(start) is var took && took > slowest ? took : slowest;
        }

        Assert.InRange(slowest, TimeSpan.Zero, s_longest);
        Assert.InRange(refused, files / 10, files - 1);
    }

    private void Use(string name, byte[] bytes)
    {
        _folder.Write(name, bytes);
        var tokenizer = ModelTokenizer.Load(_folder.Path);
        var ids = tokenizer.EncodeToIds(Text);
        Assert.Equal(ids, tokenizer.EncodeToTokens(Text, out _).Select(token => token.Id));
        tokenizer.Decode(ids);
        Assert.All(Enumerable.Range(0, tokenizer.VocabularySize), id => Assert.NotEmpty(tokenizer.TokenText(id)));
    }

    private static byte[] LlamaJson()
    {
        var file = Vocabularies.SmallLlamaFile();
        string[] tokens = ["<unk>", "<s>", "</s>", "▁t", "he", "▁the", "▁", "t", "h", "e"];
        file["model"] = JsonNode.Parse("""{"type": "BPE", "unk_token": "<unk>", "fuse_unk": true}""");
        file["model"]!["vocab"] = new JsonObject(
            tokens.Index().Select(token => KeyValuePair.Create(token.Item, (JsonNode?)token.Index)));
        file["model"]!["merges"] = JsonNode.Parse("""["▁ t", ["h", "e"], "▁t he"]""");
        return System.Text.Encoding.UTF8.GetBytes(file.ToJsonString());
    }

    private static byte[] ByteLevelJson()
    {
        var file = Vocabularies.SmallNeoXFile();
        var next = ByteSymbols.Order.Count;
        var vocabulary = ByteSymbols.Order.Index()
            .Select(value => KeyValuePair.Create(ByteSymbols.SymbolOf(value.Item), (JsonNode?)value.Index));
        file["added_tokens"] = JsonNode.Parse(
            $$"""
            [
              {"id": {{next + 1}}, "content": "<|endoftext|>"},
              {"id": {{next + 2}}, "content": "  ", "normalized": true}
            ]
            """);
        file["model"] = new JsonObject
        {
            ["vocab"] = new JsonObject([.. vocabulary, KeyValuePair.Create("th", (JsonNode?)next)]),
            ["merges"] = new JsonArray("t h"),
        };
        return System.Text.Encoding.UTF8.GetBytes(file.ToJsonString());
    }
}
