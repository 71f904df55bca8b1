using System.Globalization;
using System.Text.RegularExpressions;
using Logitscope.Tests.Cli;
using Logitscope.Tests.Notebooks;

namespace Logitscope.Tests.Workbook;

/// <summary>The notebooks that a user runs first, on dotnet-repl: they run, and show what the library computes here.</summary>
[Collection(nameof(WorkbookRun))]
public sealed class WorkbookTests(WorkbookRun run)
{
    private const string Text = "The capital of France is";

    public static TheoryData<string> Names => [.. WorkbookRun.Notebooks.Select(path => Path.GetFileName(path))];

    [Fact]
    public void Every_notebook_is_named_in_the_readme() => Assert.Equal(
        WorkbookRun.Notebooks.Select(Path.GetFileName),
        Regex.Matches(File.ReadAllText(Repository.File("README.md")), @"\(notebooks/([\w]+\.ipynb)\)").Select(match => match.Groups[1].Value));

    [Theory]
    [MemberData(nameof(Names))]
    public void It_runs_and_no_cell_fails(string name)
    {
        Assert.Empty(run.Cells(name).SelectMany(cell => cell.Errors));
        Assert.Equal(0, run.Executed(name).Code);
    }

    [Fact]
    public void The_first_picture_and_the_patches_are_the_librarys()
    {
        using var model = LanguageModel.Load();
        var lens = model.LogitLens(Text).ToText();
        var middle = model.Layers / 2;
        var patched = new Patchscope(
            Source: new(model, Text, layer: middle, position: ^1),
            Target: new(model, "?", layer: middle, position: ^1)).Run();

        Assert.Equal([lens], run.Cells("00_setup.ipynb")[2].Shown);
        var patching = run.Cells("02_patching_demos.ipynb");
        Assert.Equal([lens], patching[1].Shown);
        Assert.Equal([patched.ToText()], patching[2].Shown);
        Assert.Equal([model.Read(Text, NextTokenTechnique.Logitscope).ToText()], patching[3].Shown);
        Assert.Equal([model.LogitLens(Text).ToHtml()], patching[1].Html);
    }

    [Fact]
    public void The_draws_are_CPythons() =>
        Assert.Equal(["0, 0, 2, 70, 125, 457, 8, 26, 22"], run.Cells("01_data.ipynb")[^1].Shown);

    [Fact]
    public void A_self_patch_changes_no_bit() =>
        Assert.Equal("largest change of a logit: 0", run.Cells("02_patching_demos.ipynb")[7].Console);

    [Fact]
    public void The_curves_of_the_sweep_are_those_of_its_journal_and_the_environment_was_heard()
    {
        var sweep = run.Cells("03_layer_sweep.ipynb");
        var summary = SweepSummary.Read(run.Sweep);

        Assert.StartsWith("12 prompts, 3 methods, 10 layers\n", sweep[1].Console, StringComparison.Ordinal);
        Assert.Equal([summary.PrecisionAt1Chart().ToText()], sweep[3].Shown);
        Assert.Equal([summary.SurprisalChart().ToText()], sweep[4].Shown);
        Assert.Equal(sweep[3].Html, run.Cells("04_charts.ipynb")[0].Html);
        Assert.Equal(
            File.ReadAllLines(Path.Combine(run.Sweep, "precision_at_1.csv"))[..4],
            run.Cells("04_charts.ipynb")[^1].Console.Split('\n'));
    }

    [Fact]
    public void Both_forms_of_a_lens_agree_x_is_the_question_mark_and_the_parts_add_up()
    {
        var lenses = run.Cells("05_lenses.ipynb");
        Assert.Contains(lenses, cell => Regex.IsMatch(cell.Console, @"largest difference: \d\.\dE-0(0[6-9]|[1-9])|largest difference: 0\.0E") && cell.Console.Contains("tuned-lens, tuned-lens-patchscope agree"));
        Assert.Contains(lenses, cell => cell.Console.Contains("logitscope, x agree in every row", StringComparison.Ordinal));
        var sum = lenses.Select(cell => Regex.Match(cell.Console, @"the parts add up to (-?[\d.]+), the logit is (-?[\d.]+)")).Single(match => match.Success);
        Assert.Equal(double.Parse(sum.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(sum.Groups[2].Value, CultureInfo.InvariantCulture), 1e-3);
    }

    // One with heat maps, one with curves, one with tables; a page takes Chromium seconds.
    [Fact]
    public Task Some_pages_open_offline_without_a_word_on_the_console() => Open("02", "03", "08");

    [Fact]
    [Trait("Tier", "slow")]
    public Task All_pages_open_offline_without_a_word_on_the_console() => Open("");

    private async Task Open(params string[] numbers)
    {
        var notebooks = WorkbookRun.Notebooks.Where(path => numbers.Any(number => Path.GetFileName(path).StartsWith(number, StringComparison.Ordinal))).ToArray();
        using var folder = new TemporaryFolder();
        using var plotly = new Variable(Logitscope.PlotlyLibrary.Variable, Browser.Plotly().Path);
        var made = await Outcome.Of(
            ["page", .. notebooks.Select(path => run.Executed(Path.GetFileName(path)).Path), "--out", folder.Path]);

        Assert.Equal((0, ""), (made.Code, made.Error));
        var pages = made.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(notebooks.Select(Path.GetFileNameWithoutExtension), pages.Select(Path.GetFileNameWithoutExtension));
        await Parallel.ForEachAsync(pages, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (page, _) =>
        {
            var (dom, console) = await Browser.OpenFile(page);
            Assert.Empty(console);
            Assert.Contains("<footer", dom, StringComparison.Ordinal);
            var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
            Assert.Equal(html.Contains("data-figure", StringComparison.Ordinal) ? 2 : 1, html.Split("* plotly.js v").Length);
        });
    }
}
