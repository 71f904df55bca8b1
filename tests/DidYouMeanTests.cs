using Logitscope.Tests.Cli;

namespace Logitscope.Tests;

public class DidYouMeanTests
{
    [Theory]
    [InlineData("lesn", "lens")]
    [InlineData("lens", "lens")]
    [InlineData("tokenise", "tokenize")]
    [InlineData("sweeep", "sweep")]
    [InlineData("knokcout", "knockout")]
    [InlineData("x", null)]
    [InlineData("explain", null)]
    [InlineData("", null)]
    public void The_nearest_word_is_named_where_one_is_near(string word, string? meant) =>
        Assert.Equal(
            meant is null ? "" : $"; did you mean '{meant}'?",
            DidYouMean.Of(word, ["sweep", "lens", "tokenize", "knockout"]));

    [Fact]
    public async Task Verbs_options_and_methods_are_suggested()
    {
        (await Outcome.Of("lesn")).FailedWith("unknown word 'lesn'", "did you mean 'lens'?");
        (await Outcome.Of("lens", "--txt", "a")).FailedWith("did you mean '--text'?");
        (await Outcome.Of("lens", "--text", "a", "--method", "logit-lense")).FailedWith("did you mean 'logit-lens'?");
    }

    [Fact]
    public async Task Nothing_at_all_says_what_to_try()
    {
        var said = (await Outcome.Of()).Succeeded().Output;
        Assert.Contains("logitscope lens --text", said);
        Assert.Contains("logitscope --help", said);
    }

    [Fact]
    public async Task The_doctor_says_what_there_is()
    {
        var json = (await Outcome.Of("doctor", "--json")).Succeeded().Json;
        Assert.Contains("answers  Paris", json.GetProperty("embedded model").GetString());
        Assert.StartsWith("2.", json.GetProperty("libtorch").GetString());
        Assert.Contains("GFLOP/s", json.GetProperty("matrix products").GetString());
        Assert.DoesNotContain('\n', json.ToString());
    }
}
