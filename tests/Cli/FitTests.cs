using System.Text.Json;
using Logitscope.Tests.Fitting;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;

namespace Logitscope.Tests.Cli;

public sealed class FitTests : IDisposable
{
    private static readonly string s_model = GoldenModel.FolderOf("gptj/partial-rotary");
    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public FitTests()
    {
        using var model = TinyModel.Open();
        _data = _folder.Write("p.jsonl", string.Concat(SmallFit.Examples(model, 40).Select(example => JsonSerializer.Serialize(new { ids = example.Ids }) + "\n")));
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds() => [.. FittedTechnique.Kinds.Except(FutureLens.Kinds)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_fitted_is_swept_and_shown_in_both_forms(string kind)
    {
        var folder = _folder.PathOf(kind);
        var fit = (await Fit(kind, folder)).Succeeded();
        Assert.Contains($"{kind}, KL (nats)", fit.Output, StringComparison.Ordinal);
        Assert.Contains("over 8 held-out prompts; fitted on", fit.Output, StringComparison.Ordinal);
        Assert.Equal([FittedLens.ManifestFile, FittedLens.TensorFile], Directory.GetFiles(folder).Select(Path.GetFileName).Order());

        var sweep = await Outcome.Of(
            "sweep", "--model", s_model, "--data", _data, "--methods", "logit-lens", "--positions", "last", "--out", _folder.PathOf("sweep"),
            "--fitted", $"{kind}={folder}", "--fitted", $"{kind}-patchscope={folder}");
        Assert.Contains($"{kind}-patchscope p@1", sweep.Succeeded().Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains($"{kind}, {kind}-patchscope agree in every row", sweep.Error, StringComparison.Ordinal);

        var lens = (await Outcome.Of("lens", "--model", s_model, "--ids", "1,2,3", "--method", kind, "--fitted", folder, "--json")).Succeeded();
        Assert.Equal(kind, lens.Json.GetProperty("method").GetString());
        (await Fit(kind, folder)).FailedWith(folder, "expected a new folder or an unfinished fit");
    }

    [Fact]
    public async Task A_lens_of_later_tokens_is_shown_and_no_sweep_compares_it_with_the_next_one()
    {
        var folder = _folder.PathOf("future-2");
        (await Fit("future-2", folder)).Succeeded();
        foreach (var method in new[] { "future-2", "future-2-patchscope" })
        {
            (await Outcome.Of("lens", "--model", s_model, "--ids", "1,2,3", "--method", method, "--fitted", folder)).Succeeded();
            (await Sweep("--fitted", $"{method}={folder}")).FailedWith(method, "foretells one 2 further");
        }
    }

    [Fact]
    public async Task Wrong_arguments_get_one_line()
    {
        (await Fit("affine", _folder.PathOf("fit"))).Succeeded();
        (await Fit("affin", _folder.PathOf("x"))).FailedWith("affin");
        (await Fit("affine", _folder.PathOf("x"), "--layers", "9")).FailedWith("layer", "0 to 2", "9");
        (await Fit("affine", _folder.PathOf("x"), "--limit", "3", "--ridge", "0")).FailedWith("least squares", "a ridge");
        (await Fit("affine", _folder.PathOf("x"), "--limit", "1")).FailedWith("got 1 different prompts");
        (await Fit("tuned-lens", _folder.PathOf("x"), "--learning-rate", "fast")).FailedWith("--learning-rate", "'fast'");
        (await Fit("tuned-lens", _folder.PathOf("x"), "--optimiser", "adam")).FailedWith("sgd, adamw", "'adam'");
        (await Fit("jacobian", _folder.PathOf("x"), "--skip", "40")).FailedWith("42 tokens or more", "lower skip than 40");
        (await Sweep("--methods", "tuned-lens")).FailedWith("tuned-lens", "--fitted tuned-lens=DIR");
        (await Sweep("--fitted", "jump=x", "--fitted", "jump=y")).FailedWith("--fitted", "once", "jump=y");
        (await Outcome.Of("lens", "--model", s_model, "--ids", "1,2", "--method", "logit-lens,token-identity")).FailedWith("--method: expected one of");
        (await Sweep("--fitted", "logit-lens=x")).FailedWith("--fitted", "tuned-lens=DIR", "logit-lens=x");
        (await Sweep("--fitted", $"jump={_folder.PathOf("fit")}")).FailedWith("expected a fitted jump, got affine");
        (await Sweep("--fitted", $"affine={_folder.PathOf("nowhere")}")).FailedWith("nowhere", "not a fitted affine");
        (await Outcome.Of("lens", "--model", s_model, "--ids", "1,2", "--method", "affine")).FailedWith("--fitted affine=DIR");
        (await Outcome.Of("lens", "--model", GoldenModel.FolderOf("gptj/given-inner"), "--ids", "1,2", "--method", "affine", "--fitted", _folder.PathOf("fit")))
            .FailedWith("affine", "expected the model that it was fitted on");
    }

    private Task<Outcome> Fit(string kind, string folder, params string[] more) => Outcome.Of(
    [
        "fit", kind, "--model", s_model, "--data", _data, "--out", folder,
        .. new[] { ("--steps", "6"), ("--tokens", "50"), ("--skip", "3"), ("--ridge", "0.01") }.Where(option => !more.Contains(option.Item1)).SelectMany(option => new[] { option.Item1, option.Item2 }),
        .. more,
    ]);

    private Task<Outcome> Sweep(params string[] more) =>
        Outcome.Of(["sweep", "--model", s_model, "--data", _data, "--out", _folder.PathOf("sweep"), .. more]);
}
