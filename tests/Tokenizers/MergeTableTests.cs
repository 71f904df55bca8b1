using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Logitscope.Tokenizers;

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
        var merges = from pairs in Gen.Zip(Gen.Choose(0, 12), Gen.Choose(0, 12)).ListOf()
                     select pairs.Distinct().Select((pair, rank) => new BpeMerge(pair.Item1, pair.Item2, 6 + (rank % 7))).ToList();
        Prop.ForAll(Gen.Zip(merges, symbols).ToArbitrary(), input =>
                Merged(input.Item1, input.Item2).SequenceEqual(NaiveBpe.Merge(input.Item1, input.Item2)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_million_equal_symbols_are_no_trouble()
    {
        BpeMerge[] doubling = [.. Enumerable.Range(0, 20).Select(rank => new BpeMerge(rank, rank, rank + 1))];
        var watch = Stopwatch.StartNew();
        var merged = Merged(doubling, new int[1 << 20]);
        Assert.Equal([20], merged);
        // A quadratic merge would take hours; this takes about half a second.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
    }

    private static int[] Merged(IReadOnlyList<BpeMerge> merges, int[] symbols)
    {
        int[] copy = [.. symbols];
        return copy[..new MergeTable(merges).Apply(copy)];
    }
}
