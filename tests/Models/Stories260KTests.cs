using System.Text.Json;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Models;

public class Stories260KTests
{
    // Once upon a time, there was a little girl named Lily.
    [Fact]
    public void A_trained_model_tells_llama2_cs_story()
    {
        var model = Repository.Shared("data", "models", "stories260K", "stories260K.bin");
        var expected = Repository.Shared("data", "models", "stories260K", "expected_greedy_ids.json");
        var ids = JsonSerializer.Deserialize<int[]>(File.ReadAllText(expected))!;
        using var folder = new TemporaryFolder();
        Stories260K.Convert(model, folder);
        using var llama = LanguageModel.Load(folder.Path);
        Assert.Equal(201, ids.Length);
        Assert.Equal(ids[1..], llama.Generate(ids[..1], new() { MaxNewTokens = 200 }));
    }
}
