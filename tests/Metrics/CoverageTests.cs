using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Metrics;

/// <summary>
/// How often intervals hold the truth: exactly, by every outcome with its probability, or on samples of fixed seeds. The
/// figures in docs/statistics.md are from here; those on the rows of a real sweep are from FamilyTests.
/// </summary>
public class CoverageTests
{
    // Over shares of pairs that only the one, and only the other, has right; at 95 %, and at what 54 comparisons together
    // ask for, 99.907 %.
    [Theory]
    [InlineData(20, 0.45)]
    [InlineData(60, 0.45)]
    [InlineData(300, 0.1)]
    public void Differences_of_shares_by_every_outcome(int count, double most)
    {
        double[] shares = [.. new[] { 0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.45 }.Where(share => share <= most)];
        var logs = Logs(count);
        foreach (var (error, nominal, least) in new[] { (0.05, "95", 0.92), (0.05 / 54, "99.9", 0.998) })
        {
            var lowest = 1.0;
            var intervals = new Dictionary<(int, int), Interval>();
            foreach (var (p, q) in shares.SelectMany(p => shares.Where(q => q <= p).Select(q => (p, q))))
            {
                var (covered, all) = (0.0, 0.0);
                for (var b = 0; b <= (p > 0 ? count : 0); b++)
                {
                    for (var c = 0; c <= (q > 0 ? count - b : 0); c++)
                    {
                        var rest = count - b - c;
                        var weight = Math.Exp(logs[count] - logs[b] - logs[c] - logs[rest]
                            + (b == 0 ? 0 : b * Math.Log(p)) + (c == 0 ? 0 : c * Math.Log(q)) + (rest * Math.Log(1 - p - q)));
                        all += weight;
                        if (weight > 1e-9)
                        {
                            if (!intervals.TryGetValue((b, c), out var interval))
                            {
                                intervals[(b, c)] = interval = SampleTests.Pairs(b, c, count).ShareDifference(error);
                            }

                            covered += Holds(interval, p - q) ? weight : 0;
                        }
                    }
                }

                Assert.Equal(1, all, 9);
                Assert.True(covered >= least, $"{p} and {q} of {count} at {error}: {covered:F4}");
                lowest = Math.Min(lowest, covered);
            }

            Documented.Says(0, ($"Tango's {nominal} %, {count} pairs, least of all shares", lowest));
        }
    }

    // 30 wordings, each asked 50 times and always right or always wrong: as if asked once.
    [Fact]
    public void Shares_of_copies_by_every_outcome()
    {
        const int wordings = 30, copies = 50;
        var logs = Logs(wordings);
        int[] groups = [.. Enumerable.Range(0, wordings * copies).Select(i => i / copies)];
        var grouped = Enumerable.Range(0, wordings + 1).Select(right =>
            new Sample([.. groups.Select(wording => wording < right ? 1.0 : 0)], groups).Share()).ToArray();
        var apart = Enumerable.Range(0, wordings + 1).Select(right =>
            new Sample([.. groups.Select(wording => wording < right ? 1.0 : 0)]).Share()).ToArray();
        double[] truths = [.. Enumerable.Range(1, 98).Select(percent => percent / 100.0)];
        var (covered, ignored) = (truths.Select(p => Covered(grouped, p)).ToArray(), truths.Select(p => Covered(apart, p)).ToArray());
        Assert.True(covered.Min() >= 0.9, $"{covered.Min():F4} at {truths[Array.IndexOf(covered, covered.Min())]}");
        Assert.InRange(covered.Average(), 0.94, 0.99);
        Assert.InRange(ignored.Average(), 0.1, 0.35);
        Documented.Says(
            0,
            ("Wilson's, 30 wordings of 50 questions each, least of all shares", covered.Min()),
            ("Wilson's, 30 wordings of 50 questions each, mean of all shares", covered.Average()),
            ("the same as 1,500 independent questions, mean of all shares", ignored.Average()));

        double Covered(Interval[] intervals, double p) => intervals.Index().Where(interval => Holds(interval.Item, p)).Sum(interval =>
            Math.Exp(logs[wordings] - logs[interval.Index] - logs[wordings - interval.Index]
                + (interval.Index * Math.Log(p)) + ((wordings - interval.Index) * Math.Log(1 - p))));
    }

    // Numbers of kinds that sweeps have: few prompts with most of the divergence, and reciprocal ranks that are nearly all 1.
    [Theory]
    [InlineData("normal", 20, 0.94, 0.96)]
    [InlineData("exponential", 20, 0.92, 0.96)]
    [InlineData("exponential", 100, 0.94, 0.96)]
    [InlineData("lognormal", 100, 0.925, 0.95)]
    [InlineData("lognormal", 300, 0.935, 0.955)]
    [InlineData("one in ten", 300, 0.94, 0.965)]
    public void Skewed_means_by_simulation(string kind, int count, double least, double most)
    {
        var (draw, truth) = KindOf(kind);
        var (hall, student) = Simulate(4000, truth, seed: count, random => [.. Enumerable.Range(0, count).Select(_ => draw(random))]);
        Assert.InRange(hall, least, most);
        Assert.True(kind == "normal" ? Math.Abs(hall - student) < 0.005 : hall > student, $"{hall} of Hall, {student} of Student");
        Documented.Says(0, ($"Hall's, {count} numbers, {kind}", hall), ($"Student's, {count} numbers, {kind}", student));
    }

    // Eight positions of 60 prompts: (2 u + v) / 3, u of the prompt and v of the position, both uniform. It is below 0.4
    // with probability 0.35, the area of 2 u + v < 1.2, and its mean square is the variance, 5 / 108, and 1 / 4.
    [Fact]
    public void Positions_of_one_prompt_by_simulation()
    {
        const int prompts = 60, positions = 8, runs = 2000;
        var random = new Random(8);
        int[] groups = [.. Enumerable.Range(0, prompts * positions).Select(i => i / positions)];
        var (share, pairs, hall, apart) = (0, 0, 0, 0);
        const double square = (5.0 / 108) + 0.25;
        for (var run = 0; run < runs; run++)
        {
            double[] own = [.. Enumerable.Range(0, prompts).Select(_ => random.NextDouble())];
            double[] chances = [.. groups.Select(prompt => ((2 * own[prompt]) + random.NextDouble()) / 3)];
            var shares = new Sample([.. chances.Select(chance => chance < 0.4 ? 1.0 : 0)], groups);
            share += Holds(shares.Share(), 0.35) ? 1 : 0;
            pairs += Holds(new Sample([.. chances.Select(chance => chance < 0.4 ? 1.0 : chance > 0.6 ? -1 : 0)], groups).ShareDifference(), 0) ? 1 : 0;
            hall += Holds(new Sample([.. chances.Select(chance => chance * chance)], groups).Hall(), square) ? 1 : 0;
            apart += Holds(new Sample([.. chances.Select(chance => chance * chance)]).Hall(), square) ? 1 : 0;
        }

        Assert.InRange(share / (double)runs, 0.93, 0.97);
        Assert.InRange(pairs / (double)runs, 0.93, 0.97);
        Assert.InRange(hall / (double)runs, 0.93, 0.97);
        Assert.InRange(apart / (double)runs, 0.5, 0.75);
        Documented.Says(
            0,
            ("Wilson's, eight positions of 60 prompts", share / (double)runs),
            ("Tango's, eight positions of 60 prompts", pairs / (double)runs),
            ("Hall's, eight positions of 60 prompts", hall / (double)runs),
            ("Hall's, the same as 480 independent positions", apart / (double)runs));
    }

    // A designed mixture of two parts of unlike means: without the strata the interval is wider than it need be.
    [Fact]
    public void Designed_mixtures_by_simulation()
    {
        int[] strata = [.. Enumerable.Range(0, 80).Select(i => i % 2)];
        var (covered, ratio) = (0, 0.0);
        var random = new Random(3);
        for (var run = 0; run < 2000; run++)
        {
            double[] values = [.. strata.Select(stratum => (4 * stratum) + random.NextDouble())];
            var (mixture, alone) = (new Sample(values, strata: strata).Hall(), new Sample(values).Hall());
            covered += Holds(mixture, 2.5) ? 1 : 0;
            ratio += (alone.High - alone.Low) / (mixture.High - mixture.Low) / 2000;
        }

        Assert.InRange(covered / 2000.0, 0.935, 0.965);
        Assert.InRange(ratio, 6, 8);
        Documented.Says(0, ("Hall's, a mixture of two parts, stratified", covered / 2000.0));
    }

    // Numbers this skewed are told, and those that are not skewed are not.
    [Theory]
    [InlineData("normal", 20, 0, 0.02)]
    [InlineData("exponential", 300, 0, 0.02)]
    [InlineData("lognormal", 50, 0.5, 1)]
    [InlineData("one in ten", 30, 0.9, 1)]
    [InlineData("normal", 10, 1, 1)]
    public void Where_numbers_are_few_for_their_skewness_it_is_told(string kind, int count, double least, double most)
    {
        var (draw, _) = KindOf(kind);
        var random = new Random(count);
        var told = Enumerable.Range(0, 500).Count(_ => new Sample([.. Enumerable.Range(0, count).Select(_ => draw(random))]).IsSmall);
        Assert.InRange(told / 500.0, least, most);
    }

    internal static bool Holds(Interval interval, double truth) => interval.Low <= truth + 1e-12 && truth - 1e-12 <= interval.High;

    internal static (double Hall, double Student) Simulate(int runs, double truth, int seed, Func<Random, double[]> draw)
    {
        var random = new Random(seed);
        var (hall, student) = (0, 0);
        for (var run = 0; run < runs; run++)
        {
            var sample = new Sample(draw(random));
            hall += Holds(sample.Hall(), truth) ? 1 : 0;
            student += Holds(sample.Student(), truth) ? 1 : 0;
        }

        return (hall / (double)runs, student / (double)runs);
    }

    private static (Func<Random, double> Draw, double Mean) KindOf(string kind) => kind switch
    {
        "normal" => (Normal, 0),
        "exponential" => (Exponential, 1),
        "lognormal" => (random => Math.Exp(Normal(random)), Math.Exp(0.5)),
        "one in ten" => (random => random.NextDouble() < 0.1 ? Exponential(random) : 0, 0.1),
        _ => throw new ArgumentException(kind),
    };

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());

    private static double Normal(Random random) =>
        Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());

    // ln n!
    private static double[] Logs(int n)
    {
        var logs = new double[n + 1];
        for (var i = 1; i <= n; i++)
        {
            logs[i] = logs[i - 1] + Math.Log(i);
        }

        return logs;
    }
}
