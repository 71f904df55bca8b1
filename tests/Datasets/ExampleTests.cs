using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Datasets;

public class ExampleTests
{
    private static ByteLevelBpe Small => Vocabularies.Small;

    [Fact]
    public void A_text_gets_its_BOS_and_is_cut_to_the_context()
    {
        var whole = Small.Encode("The cat sat on the mat");
        var prompt = new Example("x", "The cat sat on the mat", null).ToPrompt(Small, Bos.Always, contextLength: 4);
        Assert.Equal(whole.Ids.Take(4), prompt.Ids);
        Assert.Equal(Small.BosId, prompt.Ids[0]);
    }

    [Fact]
    public void A_text_shorter_than_the_context_is_whole()
    {
        var prompt = new Example("x", "The cat", null).ToPrompt(Small, Bos.Never, contextLength: 1024);
        Assert.Equal(Small.EncodeToIds("The cat"), prompt.Ids);
    }

    [Fact]
    public void Ids_never_get_a_BOS()
    {
        var prompt = new Example("x", null, [5, 6, 7]).ToPrompt(Small, Bos.Always, contextLength: 2);
        Assert.Equal([5, 6], prompt.Ids);
        Assert.False(prompt.HasBos);
    }

    [Fact]
    public void Ids_of_another_vocabulary_are_told() =>
        Assert.Throws<TokenizerException>(() => new Example("x", null, [1_000_000]).ToPrompt(Small, Bos.Always, 10));

    [Fact]
    public void An_example_is_a_text_or_ids()
    {
        Assert.Contains("neither", Assert.Throws<DatasetException>(() => new Example("x", null, null)).Message);
        Assert.Contains("both", Assert.Throws<DatasetException>(() => new Example("x", "a", [1])).Message);
    }
}
