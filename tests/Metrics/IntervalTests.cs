using FsCheck.Fluent;
using Interval = Logitscope.Metrics.Interval;

namespace Logitscope.Tests.Metrics;

public class IntervalTests
{
    // 8 of 10: the example of the textbooks. 0 of 10: high is z^2 / (n + z^2).
    [Theory]
    [InlineData(8, 10, 0.4902, 0.9433)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(1, 1, 0.2065, 1)]
    [InlineData(349, 698, 0.4630, 0.5370)]
    public void Wilsons_interval_by_the_textbook(int successes, int count, double low, double high)
    {
        var interval = Interval.OfProportion(successes, count);
        Assert.Equal((double)successes / count, interval.Mean);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    // The half width of n numbers with standard deviation s is t * s / sqrt(n), t at n - 1 degrees of freedom.
    [Theory]
    [InlineData(2, 12.706)]
    [InlineData(3, 4.303)]
    [InlineData(5, 2.776)]
    [InlineData(11, 2.228)]
    [InlineData(12, 2.201)]
    [InlineData(21, 2.086)]
    [InlineData(31, 2.042)]
    [InlineData(121, 1.980)]
    public void Students_interval_by_the_table(int count, double t)
    {
        double[] sample = [.. Enumerable.Range(0, count).Select(i => (double)i)];
        var mean = (count - 1) / 2.0;
        var deviation = Math.Sqrt(sample.Sum(x => (x - mean) * (x - mean)) / (count - 1));
        var interval = Interval.OfMean(sample);
        Assert.Equal(mean, interval.Mean, 12);
        Assert.Equal(t, (interval.High - mean) / (deviation / Math.Sqrt(count)), 3);
        Assert.Equal(t, (mean - interval.Low) / (deviation / Math.Sqrt(count)), 3);
    }

    // Mean 3, variance 2.5, so the half width is 2.776 * sqrt(2.5 / 5).
    [Fact]
    public void Students_interval_of_one_to_five()
    {
        var interval = Interval.OfMean([1, 2, 3, 4, 5]);
        Assert.Equal(1.0368, interval.Low, 4);
        Assert.Equal(4.9632, interval.High, 4);
    }

    [Fact]
    public void Equal_numbers_have_no_width_and_one_number_has_no_end()
    {
        Assert.Equal(new Interval(0.25, 0.25, 0.25), Interval.OfMean([0.25, 0.25, 0.25]));
        Assert.Equal(new Interval(3, double.NegativeInfinity, double.PositiveInfinity), Interval.OfMean([3]));
    }

    [Fact]
    public void A_proportion_lies_in_its_interval_and_the_interval_in_0_to_1()
    {
        var samples = Gen.Choose(1, 5000).SelectMany(
            count => Gen.Choose(0, count).Select(successes => (Successes: successes, Count: count)));
        Prop.ForAll(samples.ToArbitrary(), sample =>
        {
            var (mean, low, high) = Interval.OfProportion(sample.Successes, sample.Count);
            return low >= 0 && low <= mean + 1e-12 && mean <= high + 1e-12 && high <= 1 && low < high;
        }).Holds();
    }

    [Fact]
    public void Nothing_has_no_interval()
    {
        Assert.Throws<ArgumentException>(() => Interval.OfMean([]));
        Assert.Throws<ArgumentException>(() => Interval.OfProportion(0, 0));
    }
}
