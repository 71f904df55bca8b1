using Logitscope.Tests.Cli;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Metrics;

/// <summary>A token whose logit is minus infinity has p = 0, and a term with p = 0 counts 0, everywhere.</summary>
public sealed class MaskedTokensTests : IDisposable
{
    private const double No = double.NegativeInfinity;
    private static readonly int[] s_masked = [0, 7, 60];

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Divergence_and_entropy_count_masked_tokens_as_nothing()
    {
        var p = LogProbabilities([1, 2, No, 0.5], [1, 2, 3, 0.5]);
        var q = LogProbabilities([0.3, 2, No, 1], [0.3, 2, No, 1]);
        var (p3, q3) = (LogProbabilities([1, 2, 0.5]), LogProbabilities([0.3, 2, 1]));
        Assert.Equal(Distributions.KullbackLeibler(p3, q3).item<double>(), Number(Distributions.KullbackLeibler(p, q), 0), 12);
        Assert.Equal(double.PositiveInfinity, Number(Distributions.KullbackLeibler(p, q), 1)); // q rules out what p does not
        Assert.Equal(Distributions.Entropy(p3).item<double>(), Number(Distributions.Entropy(p), 0), 12);
        Assert.Equal(Distributions.TotalVariation(p3, q3).item<double>(), Number(Distributions.TotalVariation(p, q), 0), 12);
    }

    [Fact]
    public void A_score_with_masked_tokens_is_the_score_without_them()
    {
        var (source, patched) = (Logits([1, 2, No, 0.5]), Logits([0.3, 1, No, 2]));
        var score = Score(source, patched);
        var without = Score(Logits([1, 2, 0.5]), Logits([0.3, 1, 2]));
        Assert.Equal((1, 3, 1), (score.Target, score.Predicted, score.Rank));
        Assert.Equal(without.Surprisal, score.Surprisal, 12);
        Assert.Equal(without.SurprisalPaper, score.SurprisalPaper, 12);
        Assert.Equal(without.Kl, score.Kl, 12);
        Assert.Equal(without.Margin, score.Margin, 12);
    }

    [Fact]
    public void What_the_reading_rules_out_is_infinitely_surprising()
    {
        var score = Score(Logits([1, 2, 3, 0.5]), Logits([0.3, 1, No, No]));
        Assert.Equal(double.PositiveInfinity, score.Surprisal);
        Assert.Equal(double.PositiveInfinity, score.Kl);
        Assert.Equal(double.PositiveInfinity, Score(Logits([1, 2]), Logits([No, 1])).Margin);
    }

    [Fact]
    public void Of_two_masked_candidates_neither_leads()
    {
        using var model = TinyModel.Open();
        double[] logits = [.. Enumerable.Range(0, 61).Select(i => i < 58 ? i / 10.0 : No)];
        var next = new NextTokenDistribution(tensor(logits), model.Tokenizer);
        var top = next.Top(int.MaxValue);
        Assert.Equal(61, top.Count);
        Assert.Equal([double.PositiveInfinity, 0, 0, double.PositiveInfinity], top.TakeLast(4).Select(candidate => candidate.Margin));
        Assert.DoesNotContain(top, candidate => double.IsNaN(candidate.Margin) || double.IsNaN(candidate.Probability));
        Assert.True(double.IsFinite(next.Entropy));
    }

    [Fact]
    public void Minus_infinity_in_a_heads_bias_is_a_mask_and_anything_else_is_refused()
    {
        Masked(No);
        using (var model = LanguageModel.Load(_folder.Path))
        {
            Assert.Equal(double.NegativeInfinity, model.Forward(model.Tensor(1, 2)).Logits[0, 1, 7].to(float64).item<double>());
        }

        foreach (var number in new[] { double.NaN, double.PositiveInfinity })
        {
            Masked(number);
            TinyModel.Says(Record.Exception(() => LanguageModel.Load(_folder.Path)), "lm_head.bias", "--allow-nonfinite");
        }

        TinyModel.Change(_folder, weights => weights["transformer.h.1.mlp.fc_out.bias"].fill_(No));
        TinyModel.Says(Record.Exception(() => LanguageModel.Load(_folder.Path)), "transformer.h.1.mlp.fc_out.bias");
    }

    // The same model with the masked tokens' rows cut out would have other ids; a log-softmax over the rest is the truth.
    [Fact]
    public void A_sweep_over_a_masked_head_has_the_numbers_of_the_tokens_that_are_left()
    {
        Masked(No);
        using var masked = LanguageModel.Load(_folder.Path, new() { Dtype = float64 });
        var rows = SweepOf(masked);
        var left = tensor([.. Enumerable.Range(0, 61).Except(s_masked).Select(id => (long)id)]);
        foreach (var row in rows)
        {
            using var scope = NewDisposeScope();
            var hook = new Hook(row.Layer, Site.ResidPost);
            var run = masked.Forward(masked.Tensor(5, 6, 8), new() { Keep = [hook] });
            var source = Distributions.LogProbabilities(run.Logits.select(1, 2).index_select(1, left));
            var read = Distributions.LogProbabilities(masked.Unembed(run.Residuals[hook]).select(1, 2).index_select(1, left));
            Assert.Equal(Distributions.KullbackLeibler(source, read).item<double>(), row.Kl, 9);
            Assert.DoesNotContain(row.Predicted, s_masked);
        }

        var summary = SweepSummary.Of(rows, Provenance.Of(Plan(masked)));
        Assert.DoesNotContain("NaN", summary.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patch_answers_in_JSON_with_the_whole_vocabulary_of_a_masked_head()
    {
        Masked(No);
        string[] patch =
        [
            "patch", "--model", _folder.Path, "--source-ids", "1,2", "--source-layer", "1", "--source-position", "-1",
            "--target-ids", "3,4", "--target-layer", "1", "--target-position", "-1", "--top", "2147483647",
        ];
        var answer = (await Outcome.Of([.. patch, "--json"])).Succeeded().Json;
        Assert.Equal(61, answer.GetProperty("top").GetArrayLength());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, answer.GetProperty("top")[60].GetProperty("margin").ValueKind);
        Assert.Equal(System.Text.Json.JsonValueKind.Number, answer.GetProperty("change").GetProperty("kl").ValueKind);
        Assert.DoesNotContain("NaN", (await Outcome.Of(patch)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_case_of_a_field_report_has_its_independent_number()
    {
        var place = Repository.File("..", "shared", "cases", "kl-with-masked-tokens");
        Assert.SkipUnless(Directory.Exists(place), "no ../shared beside this checkout");
        (await Outcome.Of(
            "sweep", "--model", Path.Combine(place, "model"), "--data", Path.Combine(place, "prompt.jsonl"), "--positions", "Last",
            "--methods", "logit-lens", "--dtype", "float64", "--out", _folder.PathOf("out"))).Succeeded();
        using var expected = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(place, "expected.json"), TestContext.Current.CancellationToken));
        var kl = Journal.Read(_folder.PathOf("out")).Select(row => row.Kl).ToArray();
        var truth = expected.RootElement.GetProperty("logit_lens_kl_by_layer").EnumerateArray().Select(number => number.GetDouble()).ToArray();
        Assert.Equal(truth.Length, kl.Length);
        Assert.All(truth.Zip(kl), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    private static SweepPlan Plan(LanguageModel model) =>
        new(model, [new("one", null, [5, 6, 8])], new() { Techniques = [NextTokenTechnique.LogitLens], Positions = PositionRule.Last });

    private static IReadOnlyList<SweepRow> SweepOf(LanguageModel model)
    {
        using var engine = new SweepEngine(Plan(model));
        return engine.Run(0, TestContext.Current.CancellationToken);
    }

    private static NextTokenScore Score(Tensor source, Tensor patched)
    {
        using var scorer = new NextTokenScorer(source);
        return scorer.Score(patched, [0])[0];
    }

    private static Tensor Logits(params double[][] rows) => tensor([.. rows.SelectMany(row => row)], [rows.Length, rows[0].Length]);

    private static Tensor LogProbabilities(params double[][] rows) => Distributions.LogProbabilities(Logits(rows));

    private static double Number(Tensor numbers, int row) => numbers[row].item<double>();

    private void Masked(double number) => TinyModel.Change(_folder, weights =>
        weights["lm_head.bias"].index_fill_(0, tensor([.. s_masked.Select(id => (long)id)]), number));
}
