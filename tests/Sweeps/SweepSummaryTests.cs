using System.Text.Json;
using static Logitscope.SweepMetric;
using static Logitscope.Tests.Sweeps.SmallSweep;
using Interval = Logitscope.Interval;

namespace Logitscope.Tests.Sweeps;

public class SweepSummaryTests
{
    private static readonly Dictionary<string, IReadOnlyList<int>> s_noTargets = [];

    private static readonly Provenance s_provenance =
        new("0", "0", "gptj", "0", "float64", "cpu", "random", 42, "always", 16, s_noTargets, "0");

    // Two methods, two layers, two prompts. "a" is right once at layer 0 and twice at layer 1; "b" never and once.
    private static readonly SweepRow[] s_rows =
    [
        Row("a", 0, 0, precision: 1, surprisal: 1, paper: 2, kl: 0.5, rank: 0),
        Row("a", 0, 1, precision: 0, surprisal: 3, paper: 4, kl: 1.5, rank: 3),
        Row("a", 1, 0, precision: 1, surprisal: 0.25, paper: 1, kl: 0, rank: 0),
        Row("a", 1, 1, precision: 1, surprisal: 0.75, paper: 1, kl: 0, rank: 0),
        Row("b", 0, 0, precision: 0, surprisal: 4, paper: 6, kl: 2, rank: 1),
        Row("b", 0, 1, precision: 0, surprisal: 8, paper: 8, kl: 4, rank: 9),
        Row("b", 1, 0, precision: 1, surprisal: 1, paper: 1, kl: 1, rank: 0),
        Row("b", 1, 1, precision: 0, surprisal: 2, paper: 3, kl: 3, rank: 4),
    ];

    private readonly SweepSummary _summary = SweepSummary.Of(s_rows, s_provenance);

    [Fact]
    public void Means_by_hand()
    {
        Assert.Equal(["a", "b"], _summary.Methods.Keys);
        var (a, b) = (_summary.Methods["a"], _summary.Methods["b"]);
        Assert.Equal((2, 2, 2, 2), (a.Prompts, b.Prompts, a.Positions, b.Positions));
        Equal([0.5, 1], Means(a[PrecisionAt1]));
        Equal([0, 0.5], Means(b[PrecisionAt1]));
        Equal([2, 0.5], Means(a[Surprisal]));
        Equal([6, 1.5], Means(b[Surprisal]));
        Equal([3, 1], Means(a[SurprisalPaper]));
        Equal([7, 2], Means(b[SurprisalPaper]));
        Equal([1, 0], Means(a[Kl]));
        Equal([3, 2], Means(b[Kl]));
        Equal([(1 + 0.25) / 2, 1], Means(a[Mrr]));
        Equal([(0.5 + 0.1) / 2, (1 + 0.2) / 2], Means(b[Mrr]));
    }

    [Fact]
    public void Precision_at_k_and_rank_by_hand_from_the_rows()
    {
        var result = new SweepResult(s_rows, _summary);
        Equal([1, 1, 0.5, 1], Drawn(PrecisionAt(5)));
        Equal([0.5, 1, 0, 0.5], Drawn(PrecisionAt(1)));
        Equal([1, 1, 1, 1], Drawn(PrecisionAt(10)));
        Equal([(0 + 3) / 2.0, 0, (1 + 9) / 2.0, 2], Drawn(Rank));
        Assert.Equal("precision@k: expected a k from 1, got 0", Assert.Throws<SweepException>(() => PrecisionAt(0)).Message);
        Assert.StartsWith(
            "a summary's metric: expected one of precision_at_1, surprisal, ", Assert.Throws<SweepException>(() => _summary.Chart(PrecisionAt(5))).Message, StringComparison.Ordinal);

        double[] Drawn(SweepMetric metric) =>
            [.. ((CurveFigure)result.Chart(metric)).Curves.SelectMany(curve => curve.Points).Select(point => point.Y.Mean)];
    }

    // Two numbers x and y have the half width 12.706 * |x - y| / 2, and no skewness. What cannot be below 0 is not. Wilson's 1 of 2 is 0.0945 to 0.9055, and 2 of 2 is
    // 0.3424 to 1.
    [Fact]
    public void Intervals_by_hand()
    {
        var a = _summary.Methods["a"];
        Equal([0.0945, 0.3424], Lows(a[PrecisionAt1]), 1e-4);
        Equal([0.9055, 1], Highs(a[PrecisionAt1]), 1e-4);
        Equal([0, 0], Lows(a[Surprisal]), 1e-5);
        Equal([2 + 12.706205, 0.5 + (12.706205 / 4)], Highs(a[Surprisal]), 1e-5);
        Equal([0, 1], Lows(a[SurprisalPaper]), 1e-5);
        Equal([3 + 12.706205, 1], Highs(a[SurprisalPaper]), 1e-5);
        Equal([1 + (12.706205 / 2), 0], Highs(a[Kl]), 1e-5);
        Equal([1, 1], Highs(a[Mrr]), 1e-5);
    }

    // b less a, pair by pair: precision -1, 0 and 0, -1; surprisal 3, 5 and 0.75, 1.25. One pair of methods, two layers and
    // five metrics are ten comparisons, so each misses in half a percent: t of one degree of freedom is 127.321.
    [Fact]
    public void Differences_are_of_pairs()
    {
        var difference = Assert.Single(_summary.Differences);
        Assert.Equal(("b", "a"), (difference.Method, difference.Against));
        Assert.Equal((10, 0), (_summary.Comparisons, _summary.IdenticalLayers.Count));
        Equal([-0.5, -0.5], Means(difference[PrecisionAt1]));
        Assert.All(difference[PrecisionAt1], interval => Assert.True(interval.Low < -0.999 && interval.High > 0.9));
        Equal([4, 1], Means(difference[Surprisal]));
        Equal([4 - 127.32134, 1 - (127.32134 / 4)], Lows(difference[Surprisal]), 1e-4);
        Equal([4 + 127.32134, 1 + (127.32134 / 4)], Highs(difference[Surprisal]), 1e-4);
        Equal([4, 1], Means(difference[SurprisalPaper]));
        Assert.All(SweepMetric.All, metric => Assert.All(difference.P(metric), p => Assert.Equal(1, p)));
        Assert.All(SweepMetric.All, metric => Assert.False(difference.Parts(metric, 0) || difference.Leads(metric, 0)));
    }

    // Forty prompts that all say the same: b is worse by one nat and a bit at layer 0, and reads what a reads at layer 1,
    // where both read the model's own distribution.
    [Fact]
    public void Verdicts_are_of_all_comparisons_and_the_last_layer_is_none()
    {
        var rows = Enumerable.Range(0, 40).SelectMany(prompt => new[]
        {
            Row("a", 0, prompt, precision: 1, surprisal: 1, paper: 1, kl: 1 + (prompt % 3), rank: 0),
            Row("a", 1, prompt, precision: 1, surprisal: 1, paper: 1, kl: 0, rank: 0),
            Row("b", 0, prompt, precision: prompt % 2, surprisal: 2 + (prompt % 5), paper: 1, kl: 1 + (prompt * 2 % 3), rank: 1 - (prompt % 2)),
            Row("b", 1, prompt, precision: 1, surprisal: 1, paper: 1, kl: 1e-7, rank: 0),
        });
        var summary = SweepSummary.Of(rows, s_provenance);
        var difference = Assert.Single(summary.Differences);
        Assert.Equal(5, summary.Comparisons);
        Assert.Equal([1], summary.IdenticalLayers);
        Assert.All(SweepMetric.All, metric => Assert.Equal((new Interval(0, 0, 0), 1), (difference[metric][1], difference.P(metric)[1])));
        Assert.True(difference.Parts(PrecisionAt1, 0) && difference[PrecisionAt1][0].High < 0 && !difference.Leads(PrecisionAt1, 0));
        Assert.True(difference.Parts(Surprisal, 0) && difference[Surprisal][0].Low > 0 && !difference.Leads(Surprisal, 0));
        Assert.False(difference.Parts(SurprisalPaper, 0) || difference.Parts(Kl, 0));
        var back = Assert.Single(SweepSummary.Of(rows.Select(row => row with { Method = row.Method == "a" ? "b" : "a" })
            .OrderBy(row => row.Method), s_provenance).Differences);
        Assert.True(back.Leads(PrecisionAt1, 0) && back.Leads(Surprisal, 0) && back.Leads(Mrr, 0));
        Assert.Contains("identical by construction", summary.TableOf(difference).ToText());
        Assert.Contains("] *", summary.TableOf(difference).ToText());
        Assert.Contains("bands, pointwise", summary.Chart(Kl).Subtitle);
        Assert.Contains("layer 1 is identical by construction", summary.Chart(Kl).Subtitle);
    }

    // Two positions of a prompt are one observation and a half: the interval is over prompts.
    [Fact]
    public void Positions_of_a_prompt_are_taken_as_belonging_together()
    {
        var rows = Enumerable.Range(0, 60).Select(
            i => Row("a", 0, i / 2, precision: i / 2 % 2, surprisal: i / 2, paper: 1, kl: 1, rank: 0) with { Position = i % 2 });
        var curve = SweepSummary.Of(rows, s_provenance).Methods["a"];
        Assert.Equal((30, 60), (curve.Prompts, curve.Positions));
        Assert.Equal(
            new Sample([.. Enumerable.Range(0, 30).Select(i => (double)i)]).Hall().High, curve[Surprisal][0].High, 9);
        Assert.Equal(0.5, SweepSummary.Of(rows, s_provenance).FirstPositionShare);
    }

    [Fact]
    public void Few_prompts_are_told()
    {
        Assert.Equal(5 - 1, _summary.Warnings.Count); // precision is no mean of skewed numbers
        Assert.StartsWith("surprisal: 2 prompts are few", _summary.Warnings[0]);
        Assert.EndsWith("a at layers 0, 1; b at layers 0, 1; b less a at layers 0, 1", _summary.Warnings[0]);
    }

    [Fact]
    public void The_order_of_the_rows_does_not_matter_to_the_numbers() => Assert.Equal(
        JsonSerializer.Serialize(_summary.Methods["b"]),
        JsonSerializer.Serialize(SweepSummary.Of(s_rows.Reverse(), s_provenance).Methods["b"]));

    [Fact]
    public void Where_one_position_differs_nothing_is_paired()
    {
        SweepRow[] moved = [.. s_rows[..^1], s_rows[^1] with { Position = 1 }];
        Assert.Empty(SweepSummary.Of(moved, s_provenance).Differences);
    }

    [Theory]
    [InlineData(PositionRule.Random, 1)]
    [InlineData(PositionRule.Last, 1)]
    [InlineData(PositionRule.Reference, 0)]
    public void The_rule_of_positions_decides_whether_methods_are_paired(PositionRule rule, int differences)
    {
        using var model = OpenModel();
        var summary = Run(model, Options with { Positions = rule }).Summary;
        Assert.Equal(["logit-lens", "logitscope"], summary.Methods.Keys);
        Assert.Equal(differences, summary.Differences.Count);
        Assert.All(summary.Methods.Values, curve => Assert.Equal((5, 3), (curve.Prompts, curve[PrecisionAt1].Count)));
        Assert.All(summary.Methods.Values, curve => Assert.Equal(1, curve[PrecisionAt1][^1].Mean));
        Assert.Equal([2], summary.IdenticalLayers);
        Assert.Equal(differences * 2 * 5, summary.Comparisons);
    }

    [Fact]
    public void One_prompt_has_means_and_open_intervals_and_can_be_written()
    {
        var summary = SweepSummary.Of(s_rows.Where(row => row.Prompt == 0), s_provenance);
        Equal([1, 0.25], Means(summary.Methods["a"][Surprisal]));
        Assert.Equal([double.NegativeInfinity, double.NegativeInfinity], Lows(summary.Methods["a"][Surprisal]));
        Assert.Contains("\"-Infinity\"", summary.ToJson(), StringComparison.Ordinal);
        Assert.NotEmpty(summary.ToPage().ToHtml(plotly: null));
    }

    // Other programs read the file: names are a contract.
    [Fact]
    public void The_names_in_the_file_are_the_ones_promised()
    {
        using var json = JsonDocument.Parse(_summary.ToJson());
        Assert.Equal(
            ["methods", "differences", "comparisons", "identical_layers", "first_position_share", "warnings", "provenance"],
            Names(json.RootElement));
        string[] metrics = ["precision_at_1", "surprisal", "surprisal_paper", "kl", "mrr"];
        Assert.Equal(
            ["prompts", "positions", .. metrics.SelectMany(name => new[] { name, $"{name}_low", $"{name}_high" })],
            Names(json.RootElement.GetProperty("methods").GetProperty("a")));
        Assert.Equal(
            ["method", "against", .. metrics.SelectMany(name => new[] { name, $"{name}_low", $"{name}_high", $"{name}_p" })],
            Names(json.RootElement.GetProperty("differences")[0]));

        static IEnumerable<string> Names(JsonElement element) =>
            element.EnumerateObject().Select(property => property.Name);
    }

    [Fact]
    public void A_summary_is_read_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        _summary.Write(folder.Path);
        Assert.Equal(_summary.ToJson(), SweepSummary.Read(folder.Path).ToJson());
        File.WriteAllText(folder.PathOf(SweepSummary.File), _summary.ToJson().Replace("\"kl_low\"", "\"kl_lower\"", StringComparison.Ordinal));
        var error = Assert.Throws<SweepException>(() => SweepSummary.Read(folder.Path));
        Assert.Contains("expected 'kl_low'", error.Message, StringComparison.Ordinal);
    }

    private static double[] Means(IReadOnlyList<Interval> intervals) => [.. intervals.Select(interval => interval.Mean)];

    private static double[] Lows(IReadOnlyList<Interval> intervals) => [.. intervals.Select(interval => interval.Low)];

    private static double[] Highs(IReadOnlyList<Interval> intervals) => [.. intervals.Select(interval => interval.High)];

    private static SweepRow Row(
        string method, int layer, int prompt, int precision, double surprisal, double paper, double kl, int rank) =>
        new(method, layer, prompt, 0, Target: 1, 2 - precision, precision, surprisal, paper, kl, rank, Margin: 1);

    private static void Equal(double[] expected, IReadOnlyList<double> got, double allowed = 1e-12) =>
        Assert.Equal(expected, got, (a, b) => Math.Abs(a - b) <= allowed);
}
