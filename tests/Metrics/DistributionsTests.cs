using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Metrics;

public sealed class DistributionsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    // The logits of probabilities 1/8, 2/8, 5/8, up to a constant.
    private readonly Tensor _eighths = tensor([Math.Log(1), Math.Log(2), Math.Log(5)], [1, 3]) + 7;

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Log_probabilities_are_natural_and_sum_to_one()
    {
        Close([Math.Log(0.125), Math.Log(0.25), Math.Log(0.625)], Distributions.LogProbabilities(_eighths));
        Assert.Equal(1, Distributions.LogProbabilities(_eighths).exp().sum().ToDouble(), 12);
    }

    [Fact]
    public void Large_logits_neither_overflow_nor_vanish() =>
        Close([-1000, 0], Distributions.LogProbabilities(tensor([-500.0, 500], [1, 2])));

    [Fact]
    public void Half_types_are_summed_in_float32()
    {
        Assert.Equal(float32, Distributions.LogProbabilities(ones([1, 4], bfloat16)).dtype);
        Assert.Equal(float32, Distributions.LogProbabilities(ones([1, 4], float32)).dtype);
        Assert.Equal(float64, Distributions.LogProbabilities(ones([1, 4], float64)).dtype);
        var many = Distributions.LogProbabilities(zeros([1, 1000], bfloat16));
        Assert.Equal(-Math.Log(1000), many.select(1, 0).ToDouble(), 5);
    }

    [Fact]
    public void Surprisal_is_in_nats_not_bits()
    {
        var p = Distributions.LogProbabilities(cat([_eighths, _eighths]));
        Close([Math.Log(8), Math.Log(1.6)], Distributions.Surprisal(p, tensor([0L, 2])));
        Assert.Equal(0.6931471805599453, Surprisal(0.5), 12);
        Assert.Equal(1, Surprisal(1 / Math.E), 12);

        static double Surprisal(double probability) => Distributions.Surprisal(
            tensor([Math.Log(probability), Math.Log(1 - probability)], [1, 2]), tensor([0L])).ToDouble();
    }

    [Fact]
    public void The_first_of_the_most_probable_tokens_is_the_top() =>
        Assert.Equal([1, 0], Distributions.Top1(tensor([0f, 3, 3, 2, 2, 2], [2, 3])).data<long>().ToArray());

    [Theory]
    [InlineData(0, 2)] // 3 and the earlier 3 are above
    [InlineData(1, 0)]
    [InlineData(2, 1)] // the earlier of two equals is above
    [InlineData(3, 3)]
    public void Rank_counts_the_tokens_above_and_the_earlier_equals(long token, long expected)
    {
        var logits = tensor([1f, 3, 3, 0], [1, 4]);
        Assert.Equal(expected, Distributions.Rank(logits, tensor([token])).ToInt64());
    }

    [Fact]
    public void Each_row_has_its_own_rank()
    {
        var logits = tensor([3.0, 2, 1, 1, 2, 3], [2, 3]);
        Assert.Equal([0, 2], Distributions.Rank(logits, tensor([0L, 0])).data<long>().ToArray());
    }

    // p = (1/2, 1/2), q = (1/4, 3/4).
    [Fact]
    public void KL_by_hand_in_both_directions()
    {
        var p = tensor([0.5, 0.5], [1, 2]).log();
        var q = tensor([0.25, 0.75], [1, 2]).log();
        Close([(0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3))], Distributions.KullbackLeibler(p, q));
        Close([(0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5))], Distributions.KullbackLeibler(q, p));
    }

    [Fact]
    public void KL_is_never_negative_and_zero_only_for_equals()
    {
        var logits = Gen.Choose(-200, 200).Select(tenths => tenths / 10.0).ArrayOf(5).ToArbitrary();
        Prop.ForAll(logits, logits, (first, second) =>
        {
            using var scope = NewDisposeScope();
            var p = Distributions.LogProbabilities(tensor(first));
            var q = Distributions.LogProbabilities(tensor(second));
            var divergence = Distributions.KullbackLeibler(p, q).ToDouble();
            var variation = Distributions.TotalVariation(p, q).ToDouble();
            return divergence >= -1e-12
                && Math.Abs(Distributions.KullbackLeibler(p, p).ToDouble()) < 1e-12
                && variation is >= 0 and <= 1
                && divergence >= (2 * variation * variation) - 1e-9; // Pinsker's inequality, in nats
        }).Holds();
    }

    [Fact]
    public void Total_variation_by_hand()
    {
        var p = tensor([0.5, 0.3, 0.2], [1, 3]).log();
        var q = tensor([0.1, 0.3, 0.6], [1, 3]).log();
        Close([0.4], Distributions.TotalVariation(p, q));
        Close([0.4], Distributions.TotalVariation(q, p));
    }

    [Fact]
    public void Entropy_of_a_uniform_distribution_is_the_logarithm_of_its_size()
    {
        Close([Math.Log(61)], Distributions.Entropy(Distributions.LogProbabilities(zeros([1, 61], float64))));
        Close([1.75 * Math.Log(2)], Distributions.Entropy(tensor([0.5, 0.25, 0.125, 0.125], [1, 4]).log()));
    }

    [Fact]
    public void Margin_is_the_lead_of_the_top_over_the_second()
    {
        Close([Math.Log(2.5)], Distributions.Margin(_eighths));
        Close([0], Distributions.Margin(tensor([4.0, 4, 1], [1, 3])));
    }

    private static void Close(double[] expected, Tensor got) =>
        Assert.Equal(expected, got.reshape(-1).data<double>().ToArray(), (a, b) => Math.Abs(a - b) <= 1e-12);
}
