using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Patching;

public sealed class NextTokenDistributionTests : IDisposable
{
    private static readonly NoTokenizer s_tokenizer = new(4, "none in this test");

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Probabilities_and_margins_by_hand()
    {
        var top = Distribution(0.125, 0.625, 0.25).Top(3);
        Assert.Equal([1, 2, 0], top.Select(candidate => candidate.Id));
        Assert.Equal(["#1", "#2", "#0"], top.Select(candidate => candidate.Token));
        Assert.Equal([0.625, 0.25, 0.125], top.Select(candidate => candidate.Probability), Within);
        Assert.Equal([Math.Log(2.5), Math.Log(2)], top.Take(2).Select(candidate => candidate.Margin), Within);
        Assert.Equal(double.PositiveInfinity, top[2].Margin);
    }

    [Fact]
    public void Log_probabilities_are_by_id() => Assert.Equal(
        [Math.Log(0.125), Math.Log(0.625), Math.Log(0.25)], Distribution(0.125, 0.625, 0.25).LogProbabilities, Within);

    [Fact]
    public void The_last_of_a_few_still_leads_the_next()
    {
        var top = Assert.Single(Distribution(0.125, 0.625, 0.25).Top(1));
        Assert.Equal(Math.Log(2.5), top.Margin, 12);
    }

    [Fact]
    public void Equals_come_by_id_and_lead_by_nothing()
    {
        var top = Distribution(0.25, 0.25, 0.25, 0.25).Top(3);
        Assert.Equal([0, 1, 2], top.Select(candidate => candidate.Id));
        Assert.All(top, candidate => Assert.Equal(0, candidate.Margin));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(4, 4)]
    [InlineData(100, 4)]
    public void There_are_no_more_candidates_than_tokens(int asked, int given) =>
        Assert.Equal(given, Distribution(0.4, 0.3, 0.2, 0.1).Top(asked).Count);

    [Fact]
    public void Entropy_by_hand()
    {
        Assert.Equal(Math.Log(4), Distribution(0.25, 0.25, 0.25, 0.25).Entropy, 12);
        Assert.Equal(1.75 * Math.Log(2), Distribution(0.5, 0.25, 0.125, 0.125).Entropy, 12);
        Assert.Equal(Math.Log(2), Distribution(0.5, 0.5, 0).Entropy, 12); // 0 ln 0 is 0
    }

    [Fact]
    public void Ids_that_only_the_head_has_are_shown_as_such() =>
        Assert.Equal("<id 4>", Distribution(0.1, 0.1, 0.1, 0.1, 0.6).Top(1)[0].Token);

    private static NextTokenDistribution Distribution(params double[] probabilities) =>
        new(tensor(probabilities).log(), s_tokenizer);

    private static bool Within(double a, double b) => Math.Abs(a - b) <= 1e-12;
}
