using System.Text.Json;
using Logitscope.Datasets;
using Logitscope.Sweeps;
using static Logitscope.Tests.Sweeps.SmallSweep;

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
        Assert.Equal((2, 2), (a.Prompts, b.Prompts));
        Equal([0.5, 1], a.PrecisionAt1);
        Equal([0, 0.5], b.PrecisionAt1);
        Equal([2, 0.5], a.Surprisal);
        Equal([6, 1.5], b.Surprisal);
        Equal([3, 1], a.SurprisalPaper);
        Equal([7, 2], b.SurprisalPaper);
        Equal([1, 0], a.Kl);
        Equal([3, 2], b.Kl);
        Equal([(1 + 0.25) / 2, 1], a.Mrr);
        Equal([(0.5 + 0.1) / 2, (1 + 0.2) / 2], b.Mrr);
    }

    // Two numbers x and y have the half width 12.706 * |x - y| / 2. Wilson's 1 of 2 is 0.0945 to 0.9055, and 2 of 2 is
    // 0.3424 to 1.
    [Fact]
    public void Intervals_by_hand()
    {
        var a = _summary.Methods["a"];
        Equal([0.0945, 0.3424], a.PrecisionAt1Low, 1e-4);
        Equal([0.9055, 1], a.PrecisionAt1High, 1e-4);
        Equal([2 - 12.706205, 0.5 - (12.706205 / 4)], a.SurprisalLow, 1e-5);
        Equal([2 + 12.706205, 0.5 + (12.706205 / 4)], a.SurprisalHigh, 1e-5);
        Equal([3 - 12.706205, 1], a.SurprisalPaperLow, 1e-5);
        Equal([3 + 12.706205, 1], a.SurprisalPaperHigh, 1e-5);
    }

    // b less a, pair by pair: precision -1, 0 and 0, -1; surprisal 3, 5 and 0.75, 1.25.
    [Fact]
    public void Differences_are_of_pairs()
    {
        var difference = Assert.Single(_summary.Differences);
        Assert.Equal(("b", "a"), (difference.Method, difference.Against));
        Equal([-0.5, -0.5], difference.PrecisionAt1);
        Equal([-0.5 - (12.706205 / 2), -0.5 - (12.706205 / 2)], difference.PrecisionAt1Low, 1e-5);
        Equal([-0.5 + (12.706205 / 2), -0.5 + (12.706205 / 2)], difference.PrecisionAt1High, 1e-5);
        Equal([4, 1], difference.Surprisal);
        Equal([4 - 12.706205, 1 - (12.706205 / 4)], difference.SurprisalLow, 1e-5);
        Equal([4 + 12.706205, 1 + (12.706205 / 4)], difference.SurprisalHigh, 1e-5);
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
        Assert.All(summary.Methods.Values, curve => Assert.Equal((5, 3), (curve.Prompts, curve.PrecisionAt1.Count)));
        Assert.All(summary.Methods.Values, curve => Assert.Equal(1, curve.PrecisionAt1[^1]));
    }

    [Fact]
    public void One_prompt_has_means_and_open_intervals_and_can_be_written()
    {
        var summary = SweepSummary.Of(s_rows.Where(row => row.Prompt == 0), s_provenance);
        Equal([1, 0.25], summary.Methods["a"].Surprisal);
        Assert.Equal([double.NegativeInfinity, double.NegativeInfinity], summary.Methods["a"].SurprisalLow);
        Assert.Contains("\"-Infinity\"", summary.ToJson(), StringComparison.Ordinal);
    }

    // Other programs read the file: names are a contract.
    [Fact]
    public void The_names_in_the_file_are_the_ones_promised()
    {
        using var json = JsonDocument.Parse(_summary.ToJson());
        Assert.Equal(["methods", "differences", "provenance"], Names(json.RootElement));
        Assert.Equal(
            [
                "prompts", "precision_at_1", "precision_at_1_low", "precision_at_1_high", "surprisal", "surprisal_low",
                "surprisal_high", "surprisal_paper", "surprisal_paper_low", "surprisal_paper_high", "kl", "mrr",
            ],
            Names(json.RootElement.GetProperty("methods").GetProperty("a")));
        Assert.Equal(
            [
                "method", "against", "precision_at_1", "precision_at_1_low", "precision_at_1_high", "surprisal",
                "surprisal_low", "surprisal_high",
            ],
            Names(json.RootElement.GetProperty("differences")[0]));

        static IEnumerable<string> Names(JsonElement element) =>
            element.EnumerateObject().Select(property => property.Name);
    }

    private static SweepRow Row(
        string method, int layer, int prompt, int precision, double surprisal, double paper, double kl, int rank) =>
        new(method, layer, prompt, 0, Target: 1, 2 - precision, precision, surprisal, paper, kl, rank, Margin: 1);

    private static void Equal(double[] expected, IReadOnlyList<double> got, double allowed = 1e-12) =>
        Assert.Equal(expected, got, (a, b) => Math.Abs(a - b) <= allowed);
}
