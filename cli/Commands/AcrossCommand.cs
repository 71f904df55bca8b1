using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope across</c>: residuals of one model, decoded by another.</summary>
internal static class AcrossCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var into = new Option<string?>("--into") { Description = "The model that decodes, of the same tokens. Default: the embedded model.", HelpName = "MODEL" };
        var data = new Option<string?>("--data")
        {
            Description = "Prompts to fit on and to judge by: a .jsonl or .txt. Default: those of the embedded model.",
            HelpName = "F.jsonl",
        };
        var limit = new Option<int?>("--limit") { Description = "Only the first N prompts.", HelpName = "N" };
        var heldOut = new Option<double>("--held-out") { Description = "Share of the prompts to judge by.", DefaultValueFactory = _ => new FitDataOptions().HeldOut };
        var ridge = new Option<double>("--ridge") { Description = "Of least squares, as a multiple of the number of residuals.", DefaultValueFactory = _ => 1e-4 };
        var seed = new Option<long>("--seed") { Description = "Of the split, and of where prompts are cut.", DefaultValueFactory = _ => new FitDataOptions().Seed, HelpName = "K" };
        var html = new Option<string?>("--html") { Description = "Also write the interactive heat map.", HelpName = "F" };
        var command = new Command("across", "Across models: a residual of --model, mapped by least squares, in the place of one of --into, for every pair of layers.")
        {
            into, data, limit, heldOut, ridge, seed, html, answer.Json,
        };
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var examples = ExampleFile.Read(parsed.GetValue(data) ?? CheckoutFolder.Require("data", "prompts.jsonl"), parsed.GetValue(limit)).ToArray();
            using var source = model.Load(parsed);
            using var target = model.Load(parsed, parsed.GetValue(into));
            var fit = new FitData(source, examples, new() { HeldOut = parsed.GetValue(heldOut), Seed = parsed.GetValue(seed) });
            using var progress = new LiveLine<FitProgress>(parsed, value => $"{value}");
            using var maps = CrossModel.Fit(fit, target, parsed.GetValue(ridge), progress, cancellation);
            var prompts = CrossModel.CutAtRandom(fit.HeldOut, parsed.GetValue(seed));
            var learned = maps.Grid(prompts, cancellation: cancellation);
            var arms = maps.Arms(prompts, cancellation);
            if (parsed.GetValue(html) is { } page)
            {
                AtomicFile.Write(page, learned.Chart().ToPage(PlotlyLibrary.Find()));
            }

            answer.Write(
                parsed,
                new { Fitted = fit.Training.Count, Prompts = prompts.Count, Arms = arms.Select(arm => new { Name = arm.Arm, Best = Programs(arm.Best) }), Cells = learned.Cells.Select(Programs) },
                console =>
                {
                    console.Write(Answer.TableOf(CrossModel.ToTable(arms)));
                    console.WriteLine($"the best pair of layers of each; {prompts.Count} prompts cut at random, {fit.Training.Count} others fitted on; 95 % intervals over prompts");
                });
            return Task.FromResult(0);
        });
        return command;
    }

    private static object Programs(LayerGridCell cell) => new
    {
        cell.SourceLayer,
        cell.TargetLayer,
        PrecisionAt1 = cell.PrecisionAt1.Mean,
        PrecisionAt1Low = cell.PrecisionAt1.Low,
        PrecisionAt1High = cell.PrecisionAt1.High,
        Surprisal = cell.Surprisal.Mean,
        SurprisalPaper = cell.SurprisalPaper.Mean,
    };
}
