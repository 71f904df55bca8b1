using System.Globalization;
using System.Text.RegularExpressions;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Causes;

public partial class AttributionPatchingTests
{
    private const int Yes = 7, No = 11;

    private static readonly int[] s_clean = [1, 9, 17, 25, 33], s_corrupted = [1, 9, 30, 25, 33];

    [Theory]
    [MemberData(nameof(TinyModel.OfEachForm), MemberType = typeof(TinyModel))]
    public void Patches_are_those_of_whole_runs_and_estimates_those_of_finite_differences(string name)
    {
        const double small = 1e-6;
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, name);
        var (clean, corrupted) = (model.FromIds(s_clean), model.FromIds(s_corrupted));
        foreach (var site in new[] { Site.ResidPost, Site.AttnOut, Site.MlpOut })
        {
            var result = model.AttributePatching(clean, corrupted, Yes, No, site, TestContext.Current.CancellationToken);
            Hook[] hooks = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, site))];
            var (right, wrong) = (model.Forward(clean, new() { Keep = hooks }), model.Forward(corrupted, new() { Keep = hooks }));
            Assert.Equal(Difference(right.Logits), result.Clean, 1e-10);
            Assert.Equal(Difference(wrong.Logits), result.Corrupted, 1e-10);
            foreach (var hook in hooks)
            {
                for (var position = 0; position < s_clean.Length; position++)
                {
                    var change = right[hook][0, position] - wrong[hook][0, position];
                    Assert.Equal(Run(Edit.Add(hook, change, position)) - result.Corrupted, result.Exact[hook.Layer][position], 1e-9);
                    Assert.Equal(
                        (Run(Edit.Add(hook, change * small, position)) - Run(Edit.Add(hook, change * -small, position))) / (2 * small),
                        result.Estimates[hook.Layer][position], 1e-5);
                }
            }

            Assert.Equal(
                RankCorrelations.Spearman(
                    [.. result.Estimates.SelectMany(layer => layer.Select(Math.Abs))], [.. result.Exact.SelectMany(layer => layer.Select(Math.Abs))]),
                result.RankCorrelation);
        }

        double Run(Edit edit) => Difference(model.Forward(corrupted, new() { Edits = [edit] }).Logits);

        static double Difference(Tensor logits) => (logits[0, -1, Yes] - logits[0, -1, No]).ToDouble();
    }

    [Fact]
    public void A_prompt_patched_with_itself_changes_nothing_and_what_does_not_fit_is_told()
    {
        using var model = TinyModel.Open();
        var prompt = model.FromIds(s_clean);
        var same = model.AttributePatching(prompt, prompt, Yes, No, cancellation: TestContext.Current.CancellationToken);
        Assert.All(same.Estimates.SelectMany(layer => layer), estimate => Assert.Equal(0, estimate, 1e-4));
        Assert.All(same.Exact.SelectMany(layer => layer), change => Assert.Equal(0, change, 1e-4));
        Assert.Contains("got 5 and 2 tokens", Refused(model.FromIds([1, 2]), No, Site.ResidPost), StringComparison.Ordinal);
        Assert.Contains("ids below 61", Refused(prompt, 99, Site.ResidPost), StringComparison.Ordinal);
        Assert.Contains("pattern", Refused(prompt, No, Site.Pattern), StringComparison.Ordinal);

        string Refused(Prompt other, int foil, Site site) => Assert.Throws<PatchException>(
            () => model.AttributePatching(prompt, other, Yes, foil, site, TestContext.Current.CancellationToken)).Message;
    }

    /// <summary>Writes its figure into docs/techniques.md with LOGITSCOPE_WRITE_TABLES set, as the others are by eng/techniques.sh.</summary>
    [Fact]
    public void The_documented_figure_is_what_twelve_pairs_of_countries_give()
    {
        string[] countries = ["France", "Poland", "Japan", "Italy", "Spain", "Egypt", "Greece", "Norway", "Peru", "Cuba", "Kenya", "Iran"];
        using var scope = NewDisposeScope();
        using var model = LanguageModel.Load();
        var prompts = countries.Select(country => model.Encode($"The capital of {country} is")).ToArray();
        int[] says = [.. prompts.Select(prompt => (int)model.Forward(prompt).Logits[0, -1].argmax().ToInt64())];
        var results = countries.Select((_, i) => (Clean: i, Corrupted: (i + 1) % countries.Length))
            .Select(pair => model.AttributePatching(prompts[pair.Clean], prompts[pair.Corrupted], says[pair.Clean], says[pair.Corrupted], Site.AttnOut, TestContext.Current.CancellationToken)).ToArray();
        var own = new Sample([.. results.Select(result => result.RankCorrelation)]).Student();

        // The control: what another pair's estimates, cell by cell, say of this pair's patches.
        var other = new Sample([.. results.Select((result, i) => (result with { Estimates = results[(i + 5) % results.Length].Estimates }).RankCorrelation)]).Student();
        var figure = FormattableString.Invariant(
            $"attn_out, {results.Length} pairs of countries: rank correlation of sizes {own.Mean:F2} [{own.Low:F2}, {own.High:F2}]; of another pair's estimates {other.Mean:F2} [{other.Low:F2}, {other.High:F2}]");
        var path = Repository.File("docs", "techniques.md");
        var lines = File.ReadAllLines(path);
        var row = Array.FindIndex(lines, line => line.StartsWith("| `AttributePatching` |", StringComparison.Ordinal));
        var written = $"{lines[row][..(lines[row].TrimEnd('|', ' ').LastIndexOf('|') + 1)]} {figure} |";
        if (Environment.GetEnvironmentVariable("LOGITSCOPE_WRITE_TABLES") is { Length: > 0 })
        {
            lines[row] = written;
            File.WriteAllText(path, string.Join('\n', lines) + "\n");
        }

        // Another processor rounds otherwise.
        var (expected, got) = (Number().Matches(lines[row]), Number().Matches(written));
        Assert.Equal(Number().Replace(lines[row], ""), Number().Replace(written, ""));
        Assert.All(expected.Zip(got), pair => Assert.Equal(double.Parse(pair.First.Value, CultureInfo.InvariantCulture), double.Parse(pair.Second.Value, CultureInfo.InvariantCulture), 0.015));
    }

    [Fact]
    public void A_rank_correlation_by_hand()
    {
        Assert.Equal(1, RankCorrelations.Spearman([1, 2, 3], [10, 100, 1000]), 1e-12);
        Assert.Equal(-1, RankCorrelations.Spearman([1, 2, 3], [3, 2, 1]), 1e-12);
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), RankCorrelations.Spearman([1, 2, 2, 3], [1, 3, 2, 4]), 1e-12);
        Assert.Equal(double.NaN, RankCorrelations.Spearman([1, 1], [1, 2]));
        Assert.Throws<ArgumentException>(() => RankCorrelations.Spearman([1], [1, 2]));
    }

    [GeneratedRegex(@"\d\.\d\d")]
    private static partial Regex Number();
}
