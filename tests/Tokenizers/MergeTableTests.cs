using System.Diagnostics;
using FsCheck.Fluent;

namespace Logitscope.Tests.Tokenizers;

public class MergeTableTests
{
    private const int A = 0;
    private const int B = 1;

    [Theory]
    [InlineData(new int[0], new int[0])]
    [InlineData(new[] { A }, new[] { A })]
    [InlineData(new[] { A, A, A }, new[] { 2, A })]
    [InlineData(new[] { A, A, A, A }, new[] { 3 })]
    [InlineData(new[] { A, A, A, A, A, A, A }, new[] { 3, 2, A })]
    [InlineData(new[] { B, A, A, B }, new[] { B, 2, B })]
    [InlineData(new[] { A, B }, new[] { A, B })]
    public void Runs_merge_from_the_left(int[] symbols, int[] expected) =>
        Assert.Equal(expected, Merged([new(A, A, 2), new(2, 2, 3)], symbols));

    [Fact]
    public void The_lowest_rank_goes_before_the_leftmost_pair() =>
        Assert.Equal([A, 2], Merged([new(B, B, 2), new(A, B, 3)], [A, B, B]));

    [Fact]
    public void Merging_equals_the_naive_loop_for_any_merges()
    {
        var symbols = Gen.Choose(0, 5).ArrayOf();
        var pairs = Gen.Zip(Gen.Choose(0, 12), Gen.Choose(0, 12)).ListOf();
        Prop.ForAll(Gen.Zip(pairs, symbols).ToArbitrary(), input =>
            {
                var (ranked, word) = input;
                BpeMerge[] merges =
                    [.. ranked.Distinct().Select((pair, rank) => new BpeMerge(pair.Item1, pair.Item2, 6 + (rank % 7)))];
                Assert.Equal(NaiveBpe.Merge(merges, word), Merged(merges, word));
            })
            .Holds(cases: 3000);
    }

    [Fact]
    public void A_long_run_of_one_symbol_takes_about_linear_time()
    {
        BpeMerge[] doubling = [.. Enumerable.Range(0, 18).Select(rank => new BpeMerge(rank, rank, rank + 1))];
        var watch = Stopwatch.StartNew();
        var merged = Merged(doubling, new int[1 << 18]);
        Assert.Equal([18], merged);
        // A quadratic merge would take minutes; this takes a tenth of a second.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
    }

    private static int[] Merged(IReadOnlyList<BpeMerge> merges, int[] symbols)
    {
        int[] copy = [.. symbols];
        return copy[..new MergeTable(merges).Apply(copy)];
    }
}
