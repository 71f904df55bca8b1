using System.Text.Json;

namespace Logitscope.Tests.Tokenizers;

/// <summary>The vocabulary tests of llama.cpp, which come from HuggingFace's tokenizers.</summary>
public class PublishedCasesTests
{
    [Fact]
    public void GPT_2s_cases_pass() => Pass("gpt2", Vocabularies.Gpt2);

    [Fact]
    public void GPT_NeoXs_cases_pass() => Pass("gpt-neox", Vocabularies.GptNeoX);

    [Fact]
    public void LLaMA_2s_cases_pass() => Pass("llama2", Vocabularies.Llama2);

    private static void Pass(string name, ModelTokenizer tokenizer)
    {
        var path = Repository.Shared("data", "tokenizers", name, "cases.json");
        using var cases = JsonDocument.Parse(File.ReadAllBytes(path));
        Assert.NotEqual(0, cases.RootElement.GetArrayLength());
        foreach (var row in cases.RootElement.EnumerateArray())
        {
            var text = row.GetProperty("text").GetString()!;
            var ids = row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
            Assert.Equal(ids, tokenizer.EncodeToIds(text));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }
}
