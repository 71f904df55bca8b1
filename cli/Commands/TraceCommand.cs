using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope trace</c>: causal tracing of one prompt.</summary>
internal static class TraceCommand
{
    private static readonly Site[] s_sites = [Site.ResidPost, Site.AttnOut, Site.MlpOut];

    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var subject = new Option<string>("--subject")
        {
            Description = "Tokens that get noise: A:B, from A up to, not including, B, BOS counted; or words of the prompt.",
            Required = true,
            HelpName = "A:B",
        };
        var site = new Option<string>("--site")
        {
            Description = $"What is restored: {string.Join(", ", s_sites.Select(Sites.Name))}.",
            DefaultValueFactory = _ => Site.ResidPost.Name(),
            HelpName = "SITE",
        }.Completed(s_sites.Select(Sites.Name));
        var window = new Option<int>("--window")
        {
            Description = "How many layers around one are restored together.",
            DefaultValueFactory = _ => 1,
            HelpName = "W",
        };
        window.AtLeastOne();
        var noise = new Option<string?>("--noise")
        {
            Description = "The noise: a tensor noise [samples, B - A, hidden], added to the subject's embeddings.",
            HelpName = "F.safetensors",
        };
        var defaults = new CausalTraceOptions();
        var scale = new Option<double?>("--noise-scale")
        {
            Description = $"Or draws, in standard deviations of the subject's token embeddings. Default: {defaults.NoiseScale}.",
            HelpName = "S",
        };
        var samples = new Option<int?>("--samples") { Description = $"How many draws. Default: {defaults.Samples}.", HelpName = "N" };
        var seed = new Option<long?>("--seed") { Description = $"Seed of the draws. Default: {defaults.Seed}.", HelpName = "K" };
        var html = new Option<string?>("--html") { Description = "Also write the interactive heat map.", HelpName = "F" };
        var command = new Command("trace", "Causal tracing: noise on the subject, and one clean value at a time put back.")
        {
            subject, site, window, noise, scale, samples, seed, html, noBos, answer.Json,
        };
        model.AddTo(command);
        prompt.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(noise) is not null && (result.GetResult(scale) ?? result.GetResult(samples) ?? result.GetResult(seed)) is not null)
            {
                result.AddError("expected --noise, or --noise-scale, --samples and --seed, got both");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            var place = SiteList.Of(site.Name, parsed.GetValue(site)!, s_sites);
            using var loaded = model.Load(parsed);
            var read = prompt.Read(parsed, loaded, noBos);
            using var given = parsed.GetValue(noise) is { } file ? SafetensorsFile.Open(file).Read("noise").clone() : null;
            var trace = loaded.Trace(read, SubjectOf(parsed.GetValue(subject)!, read), new CausalTraceOptions
            {
                Site = place,
                Window = parsed.GetValue(window),
                Noise = given,
                NoiseScale = parsed.GetValue(scale) ?? defaults.NoiseScale,
                Samples = parsed.GetValue(samples) ?? defaults.Samples,
                Seed = parsed.GetValue(seed) ?? defaults.Seed,
            }, cancellation);
            if (parsed.GetValue(html) is { } page)
            {
                AtomicFile.Write(page, trace.Chart().ToPage(PlotlyLibrary.Find()));
            }

            answer.Write(
                parsed,
                new
                {
                    Answer = new { trace.Answer.Id, trace.Answer.Token },
                    Clean = trace.Answer.Probability,
                    Corrupted = trace.Corrupted.Mean,
                    Restored = trace.Restored.Select(layer => layer.Select(p => p.Mean)),
                    Effect = trace.Effects.Select(layer => layer.Select(effect => effect.Mean)),
                    EffectLow = trace.Effects.Select(layer => layer.Select(effect => effect.Low)),
                    EffectHigh = trace.Effects.Select(layer => layer.Select(effect => effect.High)),
                    Site = trace.Site.Name(),
                    trace.Window,
                    Subject = new[] { trace.Start, trace.End },
                    read.Ids,
                    Tokens = read.Tokens.Select(token => token.Text),
                },
                console =>
                {
                    console.WriteLine($"{trace.Answer.Token}: p {trace.Answer.Probability:F4}, with noise on {trace.Start}:{trace.End} {Numbers.Short(trace.Corrupted)}; restored {trace.Site.Name()}:");
                    console.Write(Answer.TableOf(
                        ["layer", .. read.Tokens.Select(token => token.Text)],
                        trace.Restored.Index().Reverse().Select(layer => layer.Item.Select(p => $"{p.Mean:F3}").Prepend($"{layer.Index}"))));
                });
            return Task.FromResult(0);
        });
        return command;
    }

    private static Range SubjectOf(string subject, Prompt prompt)
    {
        if (subject.Split(':') is [var first, var end] && Number(first) is { } a && Number(end) is { } b)
        {
            return a < b && b <= prompt.Count ? a..b : throw new PositionException(
                $"--subject: expected A:B with A < B <= {prompt.Count}, of {prompt.Count} tokens, BOS counted, got {subject}");
        }

        var (start, stop) = prompt.SpanOf(subject);
        return start..stop;

        static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
