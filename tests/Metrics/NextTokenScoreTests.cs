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
        Assert.Equal(score.Surprisal, score.SurprisalPaper, 12);
        Assert.Equal(0, score.Kl, 12);
        Assert.True(score.Kl >= 0);
    }

    [Fact]
    public void Each_row_is_compared_with_its_own()
    {
        var source = tensor([0.9, 0.1, 0.2, 0.8], [2, 2]).log();
        var patched = tensor([0.4, 0.6, 0.1, 0.9], [2, 2]).log();
        var scores = Score(source, patched);
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

    // Few distinct logits, so that there are ties of every kind.
    [Fact]
    public void Many_rows_against_few_are_what_the_definitions_say()
    {
        var random = new Random(7);
        var source = tensor(Logits(3), [3, 40]);
        var patched = tensor(Logits(20), [20, 40]);
        int[] sources = [.. Enumerable.Range(0, 20).Select(_ => random.Next(3))];
        using var scorer = new NextTokenScorer(source);
        var expected = NaiveScore.Compare(source.index_select(0, tensor([.. sources.Select(n => (long)n)])), patched);
        foreach (var (exact, got) in expected.Zip(scorer.Score(patched, sources)))
        {
            Assert.Equal((exact.Target, exact.Predicted, exact.Rank), (got.Target, got.Predicted, got.Rank));
            double[] numbers = [got.Surprisal, got.SurprisalPaper, got.Kl, got.Margin];
            Assert.Equal(
                [exact.Surprisal, exact.SurprisalPaper, exact.Kl, exact.Margin], numbers, (a, b) => Math.Abs(a - b) < 1e-12);
        }

        double[] Logits(int rows) => [.. Enumerable.Range(0, rows * 40).Select(_ => random.Next(9) / 2.0)];
    }

    [Fact]
    public void Rows_of_different_shapes_are_refused() =>
        Assert.ThrowsAny<LogitscopeException>(() => Score(zeros([2, 3]), zeros([2, 4])));

    private static NextTokenScore Compare(double[] source, double[] patched) =>
        Assert.Single(Score(tensor(source).log().unsqueeze(0), tensor(patched).log().unsqueeze(0)));

    private static IReadOnlyList<NextTokenScore> Score(Tensor source, Tensor patched)
    {
        using var scorer = new NextTokenScorer(source);
        return scorer.Score(patched, [.. Enumerable.Range(0, (int)patched.size(0))]);
    }
}
