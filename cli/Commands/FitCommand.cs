using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope fit</c>: fits a lens to a model.</summary>
internal static class FitCommand
{
    private const string CheckpointFile = "unfinished.safetensors";

    public static Command Create()
    {
        var (model, defaults, of) = (new ModelArguments(), new FitDataOptions(), new TunedLensOptions());
        string[] kinds = [.. FittedTechnique.Kinds, SoftPrompt.Kind];
        var kind = new Argument<string>("KIND") { Description = $"One of {string.Join(", ", kinds)}." };
        kind.AcceptOnlyFromAmong(kinds);
        var data = new Option<string>("--data")
        {
            Description = "Prompts: a .jsonl of {\"text\": ...} or {\"ids\": [...]} rows, or a .txt.",
            Required = true,
            HelpName = "F.jsonl",
        };
        var folder = new Option<string>("--out")
        {
            Description = $"Gets {FittedLens.TensorFile} and {FittedLens.ManifestFile}. An unfinished fit by an optimiser in it goes on.",
            Required = true,
            HelpName = "DIR",
        };
        var limit = new Option<int?>("--limit") { Description = "Only the first N prompts.", HelpName = "N" };
        var layers = new Option<string?>("--layers") { Description = "Only these layers. Default: all but the last.", HelpName = "0,1,2" };
        var perPrompt = new Option<int?>("--per-prompt") { Description = "Random positions of each prompt. Default: all but the BOS.", HelpName = "K" };
        var seed = new Option<long>("--seed") { Description = "Of the split, the positions and the order.", DefaultValueFactory = _ => defaults.Seed };
        var heldOut = new Option<double>("--held-out") { Description = "Share of the prompts to judge by.", DefaultValueFactory = _ => defaults.HeldOut };
        var ridge = new Option<double>("--ridge") { Description = "Of least squares, as a multiple of the number of residuals." };
        var optimiser = new Option<OptimiserKind>("--optimiser") { Description = "Of tuned-lens: sgd (Nesterov) or adamw; a soft prompt takes adamw.", DefaultValueFactory = _ => of.Optimiser };
        optimiser.AcceptOnlyNames();
        var steps = new Option<int>("--steps") { Description = "Of the optimiser.", DefaultValueFactory = _ => of.Steps };
        steps.AtLeastOne();
        var tokens = new Option<int>("--tokens") { Description = "Residuals that a step learns from.", DefaultValueFactory = _ => of.TokensPerStep };
        tokens.AtLeastOne();
        var rate = new Option<double?>("--learning-rate") { Description = "Default: 0.1 of sgd, 0.001 of adamw, 0.0005 of a soft prompt." };
        var patience = new Option<int?>("--patience") { Description = "Stops after so many looks without a better held-out loss." };
        var skip = new Option<int>("--skip") { Description = "Of jacobian: positions at the start that are left out.", DefaultValueFactory = _ => new JacobianOptions().Skip };
        var noBos = PromptArguments.NoBos();
        var command = new Command("fit", "Fits a lens: a map of each layer's residuals, for sweep and lens.")
        {
            kind, data, folder, limit, layers, perPrompt, seed, heldOut, ridge, optimiser, steps, tokens, rate, patience, skip, noBos,
        };
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var (name, place) = (parsed.GetRequiredValue(kind), parsed.GetRequiredValue(folder));
            if (File.Exists(Path.Combine(place, FittedLens.ManifestFile)))
            {
                throw new FitException($"{place}: expected a new folder or an unfinished fit, got a fitted lens");
            }

            var asked = parsed.GetValue(layers) is { } list ? IdList.Parse("--layers", list) : null;
            var examples = ExampleFile.Read(parsed.GetRequiredValue(data), parsed.GetValue(limit)).ToArray();
            using var loaded = model.Load(parsed);
            var prompts = new FitData(loaded, examples, new()
            {
                HeldOut = parsed.GetValue(heldOut),
                PerPrompt = parsed.GetValue(perPrompt),
                Seed = parsed.GetValue(seed),
                Bos = parsed.GetValue(noBos) ? Bos.Never : Bos.Always,
            });
            using var progress = new LiveLine<FitProgress>(parsed, value => $"{value}");
            var squares = new LeastSquaresOptions { Layers = asked, Ridge = parsed.GetValue(ridge) };
            if (name == SoftPrompt.Kind)
            {
                if (asked is { Count: not 1 })
                {
                    throw new FitException($"--layers: expected the one layer of a soft prompt, got {asked.Count}");
                }

                using var soft = SoftPrompt.Fit(
                    prompts,
                    new()
                    {
                        Layer = asked?[0],
                        Steps = parsed.GetValue(steps),
                        TokensPerStep = parsed.GetValue(tokens),
                        LearningRate = parsed.GetValue(rate) ?? new SoftPromptOptions().LearningRate,
                        Patience = parsed.GetValue(patience),
                    },
                    Path.Combine(place, CheckpointFile), progress, cancellation);
                soft.Save(place);
                Show(parsed.InvocationConfiguration.Output, soft, soft.Judge(prompts, cancellation));
                return Task.FromResult(0);
            }

            using var lens = name switch
            {
                TunedLens.Kind => TunedLens.Fit(
                    prompts,
                    new()
                    {
                        Layers = asked,
                        Optimiser = parsed.GetValue(optimiser),
                        Steps = parsed.GetValue(steps),
                        TokensPerStep = parsed.GetValue(tokens),
                        LearningRate = parsed.GetValue(rate),
                        Patience = parsed.GetValue(patience),
                    },
                    Path.Combine(place, CheckpointFile), progress, cancellation),
                JacobianLens.Kind => JacobianLens.Fit(prompts, new() { Layers = asked, Skip = parsed.GetValue(skip) }, progress, cancellation),
                _ when FutureLens.Kinds.Index().FirstOrDefault(future => future.Item == name) is { Item: not null, Index: var further } =>
                    FutureLens.Fit(prompts, further + 1, squares, progress, cancellation),
                JumpToConclusions.Kind => JumpToConclusions.Fit(prompts, squares, progress, cancellation),
                _ => AffineLens.Fit(prompts, squares, doubleNorm: name == AffineLens.DoubleNormKind, progress, cancellation),
            };
            lens.Save(place);
            Show(parsed.InvocationConfiguration.Output, lens.Manifest);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Show(TextWriter output, SoftPrompt soft, IReadOnlyList<FutureScore> scores)
    {
        Answer.ConsoleOn(output).Write(Answer.TableOf(
            ["tokens further", "precision@1", "surprisal (nats)", "without the residual, precision@1", "surprisal (nats)"],
            scores.Select(score => new[]
            {
                $"{score.Further}", Numbers.Short(score.PrecisionAt1), Numbers.Short(score.Surprisal),
                Numbers.Short(score.PrecisionAt1Without), Numbers.Short(score.SurprisalWithout),
            })));
        output.WriteLine($"layer {soft.Layer}, {scores[0].Count} residuals of {soft.Manifest.HeldOutPrompts} held-out prompts; fitted on {soft.Manifest.Prompts}; 95 % intervals over prompts");
    }

    private static void Show(TextWriter output, FittedManifest fitted)
    {
        var (before, after) = (fitted.HeldOut[0].Kl, fitted.HeldOut.MinBy(loss => loss.Kl.Average())!.Kl);
        Answer.ConsoleOn(output).Write(Answer.TableOf(
            ["layer", "logit lens, KL (nats)", $"{fitted.Kind}, KL (nats)"],
            fitted.Layers.Select((layer, i) => new[] { $"{layer}", $"{before[i]:F3}", $"{after[i]:F3}" })));
        output.WriteLine($"KL(model || lens) over {fitted.HeldOutPrompts} held-out prompts; fitted on {fitted.Prompts}"
            + (fitted.SkippedPrompts > 0 ? $", {fitted.SkippedPrompts} more were too short" : ""));
    }
}
