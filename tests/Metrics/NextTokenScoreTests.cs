using Logitscope.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Metrics;

public sealed class NextTokenScoreTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    // The source says token 0 with 0.7, the patched run token 1 with 0.6. The reference's surprisal is -ln of what the
    // patched run gives to 0, the paper's -ln of what the source gives to 1: 0.3 and 0.2 tell them apart.
    [Fact]
    public void The_two_surprisals_look_in_opposite_directions()
    {
        var score = Compare([0.7, 0.2, 0.1], [0.3, 0.6, 0.1]);
        Assert.Equal((0, 1, 0, 1), (score.Target, score.Predicted, score.PrecisionAt1, score.Rank));
        Assert.Equal(-Math.Log(0.3), score.Surprisal, 12);
        Assert.Equal(-Math.Log(0.2), score.SurprisalPaper, 12);
        Assert.Equal((0.7 * Math.Log(0.7 / 0.3)) + (0.2 * Math.Log(0.2 / 0.6)), score.Kl, 12);
        Assert.Equal(Math.Log(2), score.Margin, 12);
        Assert.Equal(0.5, score.ReciprocalRank);
    }

    [Fact]
    public void A_run_against_itself_is_right_and_still_surprised()
    {
        var score = Compare([0.2, 0.1, 0.7], [0.2, 0.1, 0.7]);
        Assert.Equal((2, 2, 1, 0), (score.Target, score.Predicted, score.PrecisionAt1, score.Rank));
        Assert.Equal(1, score.ReciprocalRank);
        Assert.Equal(-Math.Log(0.7), score.Surprisal, 12);
        Assert.Equal(score.Surprisal, score.SurprisalPaper);
        Assert.Equal(0, score.Kl, 12);
        Assert.True(score.Kl >= 0);
    }

    [Fact]
    public void Each_row_is_compared_with_its_own()
    {
        var source = tensor([0.9, 0.1, 0.2, 0.8], [2, 2]).log();
        var patched = tensor([0.4, 0.6, 0.1, 0.9], [2, 2]).log();
        var scores = NextTokenScore.Compare(source, patched);
        Assert.Equal([(0, 1, 1), (1, 1, 0)], scores.Select(score => (score.Target, score.Predicted, score.Rank)));
        Assert.Equal(0.75, scores.Average(score => score.ReciprocalRank)); // the MRR of ranks 1 and 0
        Assert.Equal(0.5, scores.Average(score => score.PrecisionAt1));
    }

    [Fact]
    public void Equal_logits_are_ranked_by_id_so_the_top_has_rank_0()
    {
        var score = Compare([0.25, 0.25, 0.5], [0.4, 0.2, 0.4]);
        Assert.Equal((2, 0, 1), (score.Target, score.Predicted, score.Rank));
        Assert.Equal(0, score.Margin);
        Assert.Equal(0, Compare([0.5, 0.5], [0.5, 0.5]).Rank);
    }

    [Fact]
    public void Rows_of_different_shapes_are_refused() =>
        Assert.ThrowsAny<LogitscopeException>(() => NextTokenScore.Compare(zeros([2, 3]), zeros([2, 4])));

    private static NextTokenScore Compare(double[] source, double[] patched) =>
        Assert.Single(NextTokenScore.Compare(tensor(source).log().unsqueeze(0), tensor(patched).log().unsqueeze(0)));
}
