using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Logitscope.Tests.Tokenizers;

/// <summary>
/// A megabyte of mixed text through HuggingFace's own library (tokenizer.json) and Google's SentencePiece
/// (tokenizer.model): the ids are the same, chunk for chunk. See Independent/make.py.
/// </summary>
public class IndependentTests
{
    private static readonly JsonElement s_expected =
        JsonElement.Parse(File.ReadAllText(MixedText.PathOf("expected.json")));

    [Fact]
    public void The_text_is_the_one_that_the_others_encoded() =>
        Assert.Equal(
            s_expected.GetProperty("text").GetString(), Digest(string.Concat(MixedText.Chunks(special: true))));

    [Fact]
    public void GPT_NeoXs_kind_gives_HuggingFaces_ids() =>
        Compare("small-neox", Vocabularies.SmallNeoX, special: true);

    [Fact]
    public void LLaMA_3s_kind_gives_HuggingFaces_ids() => Compare("small-llama3", Vocabularies.SmallLlama3, special: true);

    [Fact]
    public void Qwens_kind_gives_HuggingFaces_ids() => Compare("small-qwen", Vocabularies.SmallQwen, special: true);

    [Fact]
    public void LLaMAs_tokenizer_json_gives_HuggingFaces_ids() =>
        Compare("small-llama tokenizer.json", Vocabularies.SmallLlamaJson, special: true);

    [Fact]
    public void LLaMAs_tokenizer_json_that_is_not_legacy_gives_HuggingFaces_ids() =>
        Compare("small-llama metaspace", Vocabularies.SmallLlamaMetaspace, special: true);

    [Fact]
    public void Gemmas_kind_gives_HuggingFaces_ids() => Compare("small-gemma", Vocabularies.SmallGemma, special: true);

    [Theory]
    [InlineData("small-llama")]
    [InlineData("small-plain")]
    [InlineData("small-phrases")]
    public void A_tokenizer_model_gives_SentencePieces_ids(string name) =>
        Compare($"{name} tokenizer.model", Vocabularies.SentencePiece(name), special: false);

    [Fact]
    public void A_tokenizer_model_gives_the_ids_of_the_tokenizer_json_made_from_it() =>
        Compare("small-llama tokenizer.json", Vocabularies.SentencePiece("small-llama"), special: true);

    [Fact]
    public void GPT_2_gives_HuggingFaces_ids() => Compare("gpt2", Vocabularies.Gpt2, special: true);

    [Fact]
    public void GPT_NeoX_gives_HuggingFaces_ids() => Compare("gpt-neox", Vocabularies.GptNeoX, special: true);

    [Fact]
    public void LLaMA_2_gives_HuggingFaces_and_SentencePieces_ids()
    {
        Compare("llama2", Vocabularies.Llama2, special: true);
        Compare("llama2 tokenizer.model", Vocabularies.Llama2, special: false);
    }

    [Fact]
    public void LLaMA_2_that_is_not_legacy_gives_HuggingFaces_ids()
    {
        using var folder = new TemporaryFolder();
        File.Copy(
            Repository.Shared("data", "tokenizers", "llama2", "tokenizer.model"), folder.PathOf("tokenizer.model"));
        folder.Write("tokenizer_config.json", """{"tokenizer_class": "LlamaTokenizer", "legacy": false}""");
        Compare("llama2 metaspace", ModelTokenizer.Load(folder.Path), special: true);
    }

    [Fact]
    public void NFC_is_Pythons_for_every_code_point_and_for_random_sequences()
    {
        int[][] ranges =
        [
            [0x41, 0x17F], [0x300, 0x36F], [0x300, 0x36F], [0x370, 0x3FF], [0x5B0, 0x5EA], [0x93C, 0x9FF],
            [0xF71, 0xF84], [0x1100, 0x11FF], [0x1E00, 0x1FFF], [0x3040, 0x30FF], [0xAC00, 0xD7A3], [0xF900, 0xFAFF],
            [0x1D15E, 0x1D1C0],
        ];
        using var sums = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var nfc = new NfcRewriter();
        foreach (var code in Enumerable.Range(0, 0x110000).Where(code => code is < 0xD800 or >= 0xE000))
        {
            Add(char.ConvertFromUtf32(code));
        }

        var draw = new KnuthNumbers(7);
        for (var i = 0; i < 100_000; i++)
        {
            Add(string.Concat(Enumerable.Range(0, 6).Select(_ => draw.CharacterOf(ranges))));
        }

        Assert.Equal(s_expected.GetProperty("nfc").GetString(), Convert.ToHexStringLower(sums.GetHashAndReset()));

        void Add(string text) => sums.AppendData(Encoding.UTF8.GetBytes(nfc.Apply(new(text)).Chars.ToString()));
    }

    private static void Compare(string name, ModelTokenizer tokenizer, bool special)
    {
        var expected = s_expected.GetProperty(name);
        var encoded = MixedText.Chunks(special).Select(chunk => tokenizer.EncodeToIds(chunk)).ToList();
        Assert.Equal(
            expected.GetProperty("chunks").Deserialize<string[]>(),
            encoded.Select(ids => Digest(string.Join(' ', ids))));
        Assert.Equal(expected.GetProperty("tokens").GetInt32(), encoded.Sum(ids => ids.Count));
    }

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
}
