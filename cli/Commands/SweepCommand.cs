using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope sweep</c>: the layer sweep.</summary>
internal static class SweepCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(0.8);

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
            Description = $"Of {TechniqueList.Names}.",
            DefaultValueFactory = _ => string.Join(',', NextTokenTechnique.Reference.Select(technique => technique.Name)),
        };
        var positions = new Option<PositionRule>("--positions")
        {
            Description = "last; random: drawn anew for each prompt; anywhere: the same, BOS too; reference: the reference's draws.",
            DefaultValueFactory = _ => defaults.Positions,
        };
        positions.AcceptOnlyNames();
        var perPrompt = new Option<int>("--per-prompt")
        {
            Description = "Random positions of each prompt, from one source pass; intervals take them as belonging together.",
            DefaultValueFactory = _ => defaults.PerPrompt,
            HelpName = "K",
        };
        perPrompt.AtLeastOne();
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
        batch.Between(1, 1 << 16);
        var shard = new Option<string>("--shard")
        {
            Description = "A part of the sweep: 3/8; auto in a Slurm array; auto/8 in a Kubernetes indexed Job. See merge.",
            DefaultValueFactory = _ => defaults.Shard.ToString(),
            HelpName = "I/N",
        };
        var noBos = PromptArguments.NoBos();
        var targets = new Option<string[]>("--target-ids")
        {
            Description = "A method's target prompt as token ids, taken as they are.",
            HelpName = "METHOD=1,2,3",
        };
        var fitted = new Option<string[]>("--fitted") { Description = "A method that was fitted, and the folder of its fit.", HelpName = "METHOD=DIR" };
        var command = new Command("sweep", "Reads every layer of every prompt by several methods, and compares them.")
        {
            data, methods, positions, perPrompt, seed, folder, limit, batch, shard, noBos, targets, fitted,
        };
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var part = Shard.Parse(parsed.GetValue(shard)!, Environment.GetEnvironmentVariable);
            var techniques = TechniqueList.Parse(parsed.GetValue(methods)!, parsed.GetValue(targets) ?? [], parsed.GetValue(fitted) ?? []);
            var examples = ExampleFile.Read(parsed.GetRequiredValue(data), parsed.GetValue(limit)).ToArray();
            using var loaded = model.Load(parsed);
            var plan = new SweepPlan(loaded, examples, new SweepOptions
            {
                Techniques = techniques.For(loaded),
                Positions = parsed.GetValue(positions),
                PerPrompt = parsed.GetValue(perPrompt),
                Seed = parsed.GetValue(seed),
                Bos = parsed.GetValue(noBos) ? Bos.Never : Bos.Always,
                BatchSize = parsed.GetValue(batch),
                Shard = part,
            });
            var place = part.FolderIn(parsed.GetRequiredValue(folder));
            using var journal = Journal.Open(place, plan);
            var error = parsed.InvocationConfiguration.Error;
            error.WriteLine($"logitscope: {SweepEstimate.Of(plan, journal.Written.Count)}");
            using var impatience = cancellation.Register(() => EndSoon(error));
            using var progress = new LiveLine<SweepProgress>(parsed, value => $"{value}");
            var result = Sweep.Run(plan, journal, progress, cancellation);
            Finish(parsed, result, place);
            return Task.FromResult(0);
        });
        return command;
    }

    // One block of a large model takes longer than a person waits, and no end spoils the journal.
    private static void EndSoon(TextWriter error) => Task.Delay(s_patience).ContinueWith(
        _ =>
        {
            error.WriteLine(CommandLine.Stopped);
            Environment.Exit(CommandLine.Interrupted);
        },
        TaskScheduler.Default);

    /// <summary>Writes and names the page, and shows the table.</summary>
    public static void Finish(ParseResult parsed, SweepResult result, string folder)
    {
        var page = result.Summary.WriteReport(folder);
        Show(Answer.ConsoleOn(parsed.InvocationConfiguration.Output), result.Summary);
        foreach (var warning in result.Summary.Warnings)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"logitscope: {warning}");
        }

        parsed.InvocationConfiguration.Output.WriteLine($"open {page}");
    }

    private static void Show(IAnsiConsole console, SweepSummary summary)
    {
        var methods = summary.Methods.ToArray();
        console.Write(Answer.TableOf(
            ["layer", .. methods.Select(m => $"{m.Key} p@1"), .. methods.Select(m => $"{m.Key} nats")],
            Enumerable.Range(0, methods[0].Value[SweepMetric.PrecisionAt1].Count).Select(layer => new[] { $"{layer}" }
                .Concat(methods.Select(m => $"{m.Value[SweepMetric.PrecisionAt1][layer].Mean:F3}"))
                .Concat(methods.Select(m => $"{m.Value[SweepMetric.Surprisal][layer].Mean:F3}")))));
    }
}
