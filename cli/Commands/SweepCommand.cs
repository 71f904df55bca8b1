using System.CommandLine;
using Logitscope.Datasets;
using Logitscope.Sweeps;
using Logitscope.Techniques.NextToken;
using Logitscope.Tokenizers;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope sweep</c>: the layer sweep.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var defaults = new SweepOptions();
        var model = new ModelArguments();
        var data = new Option<string>("--data")
        {
            Description = "Prompts: a .jsonl of {\"text\": ...} or {\"ids\": [...]} rows, or a .txt.",
            Required = true,
            HelpName = "F.jsonl",
        };
        var methods = new Option<string>("--methods")
        {
            Description = $"Of {string.Join(", ", NextTokenTechnique.All.Select(technique => technique.Name))}.",
            DefaultValueFactory = _ => string.Join(',', NextTokenTechnique.Reference.Select(technique => technique.Name)),
        };
        var positions = new Option<PositionRule>("--positions")
        {
            Description = "last; random: one draw a prompt; reference: the reference's draws.",
            DefaultValueFactory = _ => defaults.Positions,
        };
        var seed = new Option<long>("--seed") { Description = "Of the positions.", DefaultValueFactory = _ => defaults.Seed };
        var folder = new Option<string>("--out")
        {
            Description = "Gets rows.jsonl, summary.json, sweep.html and SVGs. An unfinished sweep in it goes on.",
            Required = true,
            HelpName = "DIR",
        };
        var limit = new Option<int?>("--limit") { Description = "Only the first N prompts.", HelpName = "N" };
        var batch = new Option<int>("--batch")
        {
            Description = "Prompts that run together.",
            DefaultValueFactory = _ => defaults.BatchSize,
            HelpName = "B",
        };
        var noBos = PromptArguments.NoBos();
        var targets = new Option<string[]>("--target-ids")
        {
            Description = "A method's target prompt as token ids, taken as they are.",
            HelpName = "METHOD=1,2,3",
        };
        var command = new Command("sweep", "Reads every layer of every prompt by several methods, and compares them.")
        {
            data, methods, positions, seed, folder, limit, batch, noBos, targets,
        };
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var techniques = TechniqueList.Parse(parsed.GetValue(methods)!, parsed.GetValue(targets) ?? []);
            var examples = ExampleFile.Read(parsed.GetRequiredValue(data), parsed.GetValue(limit)).ToArray();
            using var loaded = model.Load(parsed);
            var plan = new SweepPlan(loaded, examples, new SweepOptions
            {
                Techniques = techniques,
                Positions = parsed.GetValue(positions),
                Seed = parsed.GetValue(seed),
                Bos = parsed.GetValue(noBos) ? Bos.Never : Bos.Always,
                BatchSize = parsed.GetValue(batch),
            });
            using var progress = new LiveLine<SweepProgress>(parsed, value =>
                $"{100.0 * value.Done / value.Cells:F1} %  {value.Done:N0} of {value.Cells:N0} cells  "
                + $"{value.Rate:N0} a second  {value.Left:hh\\:mm\\:ss} left");
            var result = Sweep.Run(plan, parsed.GetRequiredValue(folder), progress, cancellation);
            var page = result.Summary.WriteReport(parsed.GetRequiredValue(folder));
            Show(Answer.ConsoleOn(parsed.InvocationConfiguration.Output), result.Summary);
            parsed.InvocationConfiguration.Output.WriteLine($"open {page}");
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Show(IAnsiConsole console, SweepSummary summary)
    {
        var methods = summary.Methods.ToArray();
        console.Write(Answer.TableOf(
            ["layer", .. methods.Select(m => $"{m.Key} p@1"), .. methods.Select(m => $"{m.Key} nats")],
            Enumerable.Range(0, methods[0].Value.PrecisionAt1.Count).Select(layer => new[] { $"{layer}" }
                .Concat(methods.Select(m => $"{m.Value.PrecisionAt1[layer]:F3}"))
                .Concat(methods.Select(m => $"{m.Value.Surprisal[layer]:F3}")))));
    }
}
