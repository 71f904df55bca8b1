using System.Text.Json.Nodes;
using Logitscope.World;

namespace Logitscope.Tests.Tokenizers;

/// <summary>
/// Tokenizers for tests: one trained here on a few words, the small ones of Independent/, and real ones where they are
/// at hand.
/// </summary>
internal static class Vocabularies
{
    private static readonly Lazy<ByteLevelBpe> s_small = new(() => BpeTrainer.Train(
        [
            "The cat sat on the mat. The cat's hat isn't theirs; they've 100 more at 1000 houses!",
            "the other weather there, then; what cats chatter about: naïve café, Größe, нещо, 中文, 🙂🙂",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa    \n\n\n    abababababab 11111 ?!?!?!",
        ],
        new() { Merges = 120 }));

    private static readonly Lazy<ModelTokenizer> s_smallNeoX = new(() => FromJson(SmallNeoXFile()));
    private static readonly Lazy<ModelTokenizer> s_smallLlama3 = new(() => FromJson(SmallLlama3File()));
    private static readonly Lazy<ModelTokenizer> s_smallQwen = new(() => FromJson(SmallQwenFile()));
    private static readonly Lazy<ModelTokenizer> s_smallLlamaJson =
        new(() => ModelTokenizer.Load(MixedText.PathOf("small-llama")));

    private static readonly Lazy<ModelTokenizer> s_smallLlamaMetaspace = new(() =>
    {
        var file = SmallLlamaFile();
        file["normalizer"] = null;
        file["pre_tokenizer"] = JsonNode.Parse(
            """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""");
        return FromJson(file);
    });

    private static readonly Lazy<ModelTokenizer> s_smallGemma = new(() =>
    {
        var file = SmallLlamaFile();
        file["normalizer"] = JsonNode.Parse("""{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""");
        file["pre_tokenizer"] = JsonNode.Parse(
            """{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""");
        file["decoder"]!["decoders"]!.AsArray().RemoveAt(3); // Strip
        foreach (var text in (string[])["\n\n", "▁▁"])
        {
            var id = (int)file["model"]!["vocab"]![text]!;
            file["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = id, ["content"] = text, ["normalized"] = false, ["special"] = false });
        }

        return FromJson(file);
    });

    private static readonly Lazy<ModelTokenizer> s_gpt2 =
        new(() => ModelTokenizer.Load(Repository.Shared("data", "tokenizers", "gpt2")));

    private static readonly Lazy<ModelTokenizer> s_gptNeoX = new(() =>
    {
        using var folder = new TemporaryFolder();
        File.Copy(
            Repository.Shared("data", "tokenizers", "gpt-neox", "20B_tokenizer.json"), folder.PathOf("tokenizer.json"));
        return ModelTokenizer.Load(folder.Path);
    });

    private static readonly Lazy<ModelTokenizer> s_llama2 =
        new(() => ModelTokenizer.Load(Repository.Shared("data", "tokenizers", "llama2")));

    /// <summary>256 bytes, 90 merges or more and the end of text, trained in the test run.</summary>
    public static ByteLevelBpe Small => s_small.Value;

    /// <summary>The embedded model's vocabulary in a tokenizer.json with NFC and added tokens as GPT-NeoX has.</summary>
    public static ModelTokenizer SmallNeoX => s_smallNeoX.Value;

    /// <summary>The same vocabulary as LLaMA 3 has its own: another pattern, tokens that no merge makes, a BOS.</summary>
    public static ModelTokenizer SmallLlama3 => s_smallLlama3.Value;

    /// <summary>The same vocabulary as Qwen has its own: another pattern, NFC, no BOS.</summary>
    public static ModelTokenizer SmallQwen => s_smallQwen.Value;

    /// <summary>A small LLaMA tokenizer.json, with bytes to fall back to.</summary>
    public static ModelTokenizer SmallLlamaJson => s_smallLlamaJson.Value;

    /// <summary>The same, as transformers writes it where "legacy" is false.</summary>
    public static ModelTokenizer SmallLlamaMetaspace => s_smallLlamaMetaspace.Value;

    /// <summary>The same vocabulary as Gemma has its own: no space in front, runs of newlines and spaces as added tokens.</summary>
    public static ModelTokenizer SmallGemma => s_smallGemma.Value;

    /// <summary>GPT-2's tokenizer; the test is skipped where it is absent.</summary>
    public static ModelTokenizer Gpt2 => s_gpt2.Value;

    /// <summary>GPT-NeoX's and Pythia's tokenizer; the test is skipped where it is absent.</summary>
    public static ModelTokenizer GptNeoX => s_gptNeoX.Value;

    /// <summary>LLaMA 2's tokenizer.model; the test is skipped where it is absent.</summary>
    public static ModelTokenizer Llama2 => s_llama2.Value;

    /// <summary>
    /// A small tokenizer.model: small-llama; small-plain, which has no bytes to fall back to and collapses spaces;
    /// small-phrases, whose pieces reach over words.
    /// </summary>
    public static ModelTokenizer SentencePiece(string name)
    {
        using var folder = new TemporaryFolder();
        File.Copy(MixedText.PathOf(name, "tokenizer.model"), folder.PathOf("tokenizer.model"));
        return ModelTokenizer.Load(folder.Path);
    }

    /// <summary>The tokenizer.json of <see cref="SmallNeoX"/>, to be changed.</summary>
    public static JsonObject SmallNeoXFile() => WithSmallVocabulary("small-neox.json");

    /// <summary>The tokenizer.json of <see cref="SmallLlama3"/>, to be changed.</summary>
    public static JsonObject SmallLlama3File() =>
        WithSmallVocabulary("small-llama3.json", "Ġresidual", "198", "camelCase", "Ġconsectetur", "ĊĊĊ");

    /// <summary>The tokenizer.json of <see cref="SmallQwen"/>, to be changed.</summary>
    public static JsonObject SmallQwenFile() => WithSmallVocabulary("small-qwen.json");

    /// <summary>The tokenizer.json of <see cref="SmallLlamaJson"/>, to be changed.</summary>
    public static JsonObject SmallLlamaFile() => Read(MixedText.PathOf("small-llama", "tokenizer.json"));

    /// <summary>Reads a tokenizer.json from a folder of its own.</summary>
    public static ModelTokenizer FromJson(JsonObject file)
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", file.ToJsonString());
        return ModelTokenizer.Load(folder.Path);
    }

    private static JsonObject WithSmallVocabulary(string name, params string[] more)
    {
        var merges = File.ReadLines(MixedText.PathOf("small-bytes", "merges.txt")).Where(line => !line.StartsWith("#version"));
        var (file, vocabulary) = (Read(MixedText.PathOf(name)), Read(MixedText.PathOf("small-bytes", "vocab.json")));
        foreach (var token in more)
        {
            vocabulary[token] = vocabulary.Count;
        }

        var model = file["model"]?.AsObject() ?? new JsonObject { ["type"] = "BPE" };
        model["vocab"] = vocabulary;
        model["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]);
        file["model"] = model;
        return file;
    }

    private static JsonObject Read(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();
}
