using FsCheck.Fluent;
using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Metrics;

/// <summary>The intervals against tables, by hand and against slow definitions; what they cover is in CoverageTests.</summary>
public class SampleTests
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
        var interval = Share(successes, count).Share();
        Assert.Equal((double)successes / count, interval.Mean, 12);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void A_proportion_lies_in_its_interval_and_the_interval_in_0_to_1()
    {
        var samples = Gen.Choose(1, 2000).SelectMany(
            count => Gen.Choose(0, count).Select(successes => (Successes: successes, Count: count)));
        Prop.ForAll(samples.ToArbitrary(), sample =>
        {
            var (mean, low, high) = Share(sample.Successes, sample.Count).Share();
            return low >= 0 && low <= mean + 1e-12 && mean <= high + 1e-12 && high <= 1 && low < high;
        }).Holds();
    }

    // Two-sided points of the printed tables.
    [Theory]
    [InlineData(0.05, 1, 12.706)]
    [InlineData(0.05, 2, 4.303)]
    [InlineData(0.05, 4, 2.776)]
    [InlineData(0.05, 11, 2.201)]
    [InlineData(0.05, 120, 1.980)]
    [InlineData(0.10, 7, 1.895)]
    [InlineData(0.01, 30, 2.750)]
    [InlineData(0.001, 1, 636.619)]
    [InlineData(0.001, 5, 6.869)]
    [InlineData(0.001, 120, 3.373)]
    public void Students_t_by_the_table(double error, int freedom, double t)
    {
        Assert.Equal(t, StudentT.Quantile(error, freedom), 3);
        Assert.Equal(error, StudentT.TwoSided(StudentT.Quantile(error, freedom), freedom), 12);
    }

    // Mean 3, variance 2.5, so the half width is 2.776 * sqrt(2.5 / 5). Nothing is skewed: Hall's is the same.
    [Fact]
    public void Students_interval_of_one_to_five()
    {
        var interval = new Sample([1, 2, 3, 4, 5]).Student();
        Assert.Equal(1.0368, interval.Low, 4);
        Assert.Equal(4.9632, interval.High, 4);
        Close(interval, new Sample([1, 2, 3, 4, 5]).Hall());
    }

    // Of n numbers with skewness g, the mean's is s = g / sqrt(n), and Hall's ends are where t + s (t^2 / 3 + 1 / 6) +
    // s^2 t^3 / 27 of the true mean is t of the table: here found by bisection.
    [Fact]
    public void Halls_interval_by_its_definition()
    {
        double[] values = [0, 0, 0, 1, 1, 2, 3, 5, 9, 20, 1];
        var (n, mean) = (values.Length, values.Average());
        var deviation = Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (n - 1));
        var skewness = values.Sum(x => Math.Pow((x - mean) / deviation, 3)) / n / Math.Sqrt(n);
        var interval = new Sample(values).Hall();
        Assert.Equal(End(2.228139), interval.Low, 5);
        Assert.Equal(End(-2.228139), interval.High, 5);
        Assert.True(interval.High - mean > 2 * (mean - interval.Low));

        double End(double point)
        {
            var (low, high) = (-1e4, 1e4);
            for (var step = 0; step < 200; step++)
            {
                var t = (low + high) / 2;
                var transformed = t + (skewness * ((t * t / 3) + (1 / 6.0))) + (skewness * skewness * t * t * t / 27);
                (low, high) = transformed < point ? (t, high) : (low, t);
            }

            return mean - (low * deviation / Math.Sqrt(n));
        }
    }

    // 50 pairs, 7 and 2 of which differ: each end is where the pairs are t standard errors away under the likeliest
    // shares of that difference, here found by trying a million.
    [Theory]
    [InlineData(7, 2, 50)]
    [InlineData(0, 0, 30)]
    [InlineData(5, 0, 20)]
    [InlineData(20, 11, 40)]
    public void Tangos_interval_by_its_definition(int more, int fewer, int count)
    {
        var interval = Pairs(more, fewer, count).ShareDifference(error: 0.01);
        Assert.Equal((double)(more - fewer) / count, interval.Mean, 12);
        var t = StudentT.Quantile(0.01, count - 1);
        Assert.Equal(-t, Score(interval.High), 2);
        Assert.Equal(t, Score(interval.Low), 2);

        double Score(double difference)
        {
            const int tries = 1_000_000;
            var (best, likeliest) = (double.NegativeInfinity, 0.0);
            for (var i = 0; i <= tries; i++)
            {
                var lost = Math.Max(0, -difference) + (i * (1 - Math.Abs(difference)) / 2 / tries);
                var likelihood = Log(more, lost + difference) + Log(fewer, lost) + Log(count - more - fewer, 1 - (2 * lost) - difference);
                (best, likeliest) = likelihood > best ? (likelihood, lost) : (best, likeliest);
            }

            return (more - fewer - (count * difference))
                / Math.Sqrt(count * ((2 * likeliest) + difference - (difference * difference)));
        }

        static double Log(int times, double p) => times == 0 ? 0 : times * Math.Log(Math.Max(0, p));
    }

    [Fact]
    public void Where_no_pair_differs_there_is_a_width_still()
    {
        var (mean, low, high) = Pairs(0, 0, 300).ShareDifference();
        Assert.Equal(0, mean);
        Assert.Equal(0.0127, high, 3); // Wilson's of 0 of 300
        Assert.Equal(-high, low, 12);
        Assert.Equal(1, Pairs(0, 0, 300).ShareDifferenceP);
    }

    // An interval begins to hold zero at the error that is the test's probability.
    [Fact]
    public void Tests_and_intervals_agree()
    {
        double[] values = [-1, 0, 1, 1, 2, 3, 5, 0, 1, 1, 9, 2];
        var skewed = new Sample(values);
        Assert.InRange(skewed.HallP, 1e-6, 0.05);
        Assert.Equal(0, skewed.Hall(skewed.HallP).Low, 9);
        Assert.Equal(skewed.HallP, new Sample([.. values.Select(x => -x)]).HallP, 12);
        var pairs = Pairs(14, 3, 60);
        Assert.Equal(0, pairs.ShareDifference(pairs.ShareDifferenceP).Low, 9);
        Assert.Equal(StudentT.TwoSided(11 / Math.Sqrt(17), 59), pairs.ShareDifferenceP, 12); // McNemar's
        Assert.Equal(pairs.ShareDifferenceP, Pairs(3, 14, 60).ShareDifferenceP, 12);
    }

    // Groups (1, 3), (5), (7, 4, 4): mean 4, totals of what is over it -4, 1, 3; V = 3 / 2 * 26 / 36.
    [Fact]
    public void The_variance_of_groups_by_hand()
    {
        var sample = new Sample([1, 3, 5, 7, 4, 4], [0, 0, 1, 2, 2, 2]);
        Assert.Equal((6, 3, 2, 4), (sample.Count, sample.Groups, sample.Freedom, sample.Mean));
        var (mean, low, high) = sample.Student();
        Assert.Equal(4.302653 * Math.Sqrt(1.5 * 26 / 36), high - mean, 5);
        Assert.Equal(high - mean, mean - low, 12);
    }

    // Strata (0, 2) and (10, 11, 15): totals -1, 1 and -2, -1, 3; V = (2 * 2 + 3 / 2 * 14) / 25 with 3 degrees of freedom.
    [Fact]
    public void The_variance_of_strata_by_hand()
    {
        var sample = new Sample([0, 2, 10, 11, 15], strata: [0, 0, 1, 1, 1]);
        Assert.Equal((5, 3, 7.6), (sample.Groups, sample.Freedom, sample.Mean));
        Assert.Equal(3.182446 * 1, sample.Student().High - 7.6, 5);
        Assert.False(new Sample([0, 2, 10], strata: [0, 0, 1]).Student().HasEnds); // nothing is known of a stratum of one
    }

    [Fact]
    public void Groups_of_one_give_what_no_groups_give()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 50).Select(_ => Math.Exp(random.NextDouble() * 3))];
        double[] shares = [.. values.Select(x => x > 4 ? 1.0 : 0)];
        double[] pairs = [.. values.Select(x => x > 8 ? 1.0 : x < 3 ? -1 : 0)];
        int[] own = [.. Enumerable.Range(0, 50)];
        Close(new Sample(values).Student(), new Sample(values, own).Student());
        Close(new Sample(values).Hall(), new Sample(values, own).Hall());
        Close(new Sample(shares).Share(), new Sample(shares, own).Share());
        Close(new Sample(pairs).ShareDifference(), new Sample(pairs, own).ShareDifference());
    }

    // A number said ten times is one number.
    [Fact]
    public void Copies_in_a_group_add_nothing()
    {
        double[] shares = [1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1];
        var once = new Sample(shares);
        double[] copies = [.. shares.SelectMany(x => Enumerable.Repeat(x, 10))];
        int[] groups = [.. Enumerable.Range(0, 12).SelectMany(group => Enumerable.Repeat(group, 10))];
        var repeated = new Sample(copies, groups);
        Close(once.Student(), repeated.Student());
        Close(once.ShareDifference(), repeated.ShareDifference());
        Assert.Equal(0.3614, repeated.Share().Low, 4); // Wilson's with t of 11 degrees of freedom in place of 1.96
        Assert.Equal(0.8760, repeated.Share().High, 4);
    }

    [Fact]
    public void Equal_numbers_have_no_width_and_one_number_has_no_end()
    {
        Assert.Equal(new Interval(0.25, 0.25, 0.25), new Sample([0.25, 0.25, 0.25]).Student());
        Assert.Equal(new Interval(0.25, 0.25, 0.25), new Sample([0.25, 0.25, 0.25]).Hall());
        Assert.Equal(Interval.Open(3), new Sample([3]).Student());
        Assert.Equal(Interval.Open(3), new Sample([3]).Hall());
        Assert.Equal(new Interval(1, -1, 1), new Sample([1]).ShareDifference());
        Assert.Equal(new Interval(0.5, 0, 1), new Sample([0, 1], [7, 7]).Share());
        Assert.Equal((1, 1), (new Sample([3]).HallP, new Sample([1]).ShareDifferenceP));
        Assert.Equal(0.25, new Sample([3, 3, 3]).HallP); // three signs alike
    }

    [Fact]
    public void What_is_no_sample_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Sample([]));
        Assert.Throws<ArgumentException>(() => new Sample([1, 2], [0]));
        Assert.Throws<ArgumentException>(() => new Sample([1, 2], strata: [0]));
    }

    internal static Sample Share(int successes, int count) =>
        new([.. Enumerable.Range(0, count).Select(i => i < successes ? 1.0 : 0)]);

    internal static Sample Pairs(int more, int fewer, int count) =>
        new([.. Enumerable.Range(0, count).Select(i => i < more ? 1.0 : i < more + fewer ? -1 : 0)]);

    private static void Close(Interval expected, Interval got)
    {
        Assert.Equal(expected.Mean, got.Mean, 12);
        Assert.Equal(expected.Low, got.Low, 9);
        Assert.Equal(expected.High, got.High, 9);
    }
}
