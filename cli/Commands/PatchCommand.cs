using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope patch</c>: one Patchscope.</summary>
internal static class PatchCommand
{
    public static Command Create()
    {
        var (model, answer, noBos) = (new ModelArguments(), new Answer(), PromptArguments.NoBos());
        var source = new PromptArguments("--source", "--source-ids", "The source prompt");
        var target = new PromptArguments("--target", "--target-ids", "The target prompt");
        var (sourceLayer, targetLayer) = (Number("--source-layer", "0-based block that is read."),
            Number("--target-layer", "0-based block that is patched."));
        var (sourcePosition, targetPosition) = (Number("--source-position", "Token that is read; -1 is the last."),
            Number("--target-position", "Token that is patched; -1 is the last."));
        var (sourceSite, targetSite) = (SiteOption("--source-site", "read"), SiteOption("--target-site", "patched"));
        var (sourceHead, targetHead) = (HeadOption("--source-head", "read"), HeadOption("--target-head", "patched"));
        var targetModel = new Option<string?>("--target-model")
        {
            Description = "A second model to patch into. Default: the same.",
            HelpName = "MODEL",
        };
        var tokens = new Option<int>("--max-new-tokens") { Description = "Generate so many. Default: none.", HelpName = "N" };
        var top = new Option<int>("--top")
        {
            Description = "How many candidates to show.",
            DefaultValueFactory = _ => 10,
            HelpName = "K",
        };
        top.AtLeastOne();
        var command = new Command("patch", "Puts one residual of the source into the target, and reads what it says next.")
        {
            sourceLayer, sourcePosition, sourceSite, sourceHead, targetLayer, targetPosition, targetSite, targetHead, targetModel,
            tokens, top, noBos, answer.Json,
        };
        model.AddTo(command);
        source.AddTo(command);
        target.AddTo(command);
        command.SetAction(parsed =>
        {
            var (fromSite, intoSite) = (SiteOf(parsed, sourceSite, sourceHead), SiteOf(parsed, targetSite, targetHead));
            using var from = model.Load(parsed);
            using var other = parsed.GetValue(targetModel) is { } folder ? model.Load(parsed, folder) : null;
            var into = other ?? from;
            var (sourcePrompt, targetPrompt) = (source.Read(parsed, from, noBos), target.Read(parsed, into, noBos));
            var result = new Patchscope(
                new Source(
                    from,
                    sourcePrompt,
                    parsed.GetValue(sourceLayer),
                    sourcePrompt.ResolvePosition(parsed.GetValue(sourcePosition)),
                    fromSite)
                {
                    Head = parsed.GetValue(sourceHead),
                },
                new Target(
                    into,
                    targetPrompt,
                    parsed.GetValue(targetLayer),
                    targetPrompt.ResolvePosition(parsed.GetValue(targetPosition)),
                    intoSite)
                {
                    Head = parsed.GetValue(targetHead),
                    MaxNewTokens = parsed.GetValue(tokens),
                }).Run();
            var candidates = result.Next.Top(parsed.GetValue(top));
            if (result.Change.IsNone)
            {
                parsed.InvocationConfiguration.Error.WriteLine("logitscope: the patch changed nothing");
            }

            answer.Write(
                parsed,
                new
                {
                    Top = candidates,
                    Generated = new { Ids = result.GeneratedIds, Text = result.GeneratedText },
                    result.Change,
                    Source = Tokens(result.Source, result.SourcePosition),
                    Target = Tokens(result.Target, result.TargetPosition),
                },
                console => Show(console, result, candidates));
        });
        return command;
    }

    private static readonly Site[] s_vectors = [Site.ResidPre, Site.AttnOut, Site.ResidMid, Site.MlpOut, Site.ResidPost, Site.HeadOut];

    private static Option<string?> SiteOption(string name, string done) => new Option<string?>(name)
    {
        Description = $"Where in the block it is {done}: {string.Join(", ", s_vectors.Select(Sites.Name))}. Default: resid_post.",
        HelpName = "SITE",
    }.Completed(s_vectors.Select(Sites.Name));

    private static Option<int?> HeadOption(string name, string done) =>
        new(name) { Description = $"0-based head that is {done}; the site is then heads.", HelpName = "N" };

    private static Site SiteOf(ParseResult parsed, Option<string?> site, Option<int?> head) =>
        parsed.GetValue(site) is { } named ? SiteList.Of(site.Name, named, s_vectors)
        : parsed.GetValue(head) is not null ? Site.HeadOut
        : Site.ResidPost;

    private static Option<int> Number(string name, string description) =>
        new(name) { Description = description, Required = true, HelpName = "N" };

    private static object Tokens(Prompt prompt, int position) =>
        new { prompt.Ids, Tokens = prompt.Tokens.Select(token => token.Text), Position = position };

    private static void Show(IAnsiConsole console, PatchResult result, IReadOnlyList<TokenProbability> candidates)
    {
        console.WriteLine($"source  {result.Source}  (read at {result.SourcePosition})");
        console.WriteLine($"target  {result.Target}  (patched at {result.TargetPosition})");
        console.Write(Answer.TableOf(
            ["token", "id", "probability", "margin (nats)"],
            candidates.Select(candidate => new[]
            {
                candidate.Token, $"{candidate.Id}", $"{candidate.Probability:F4}", $"{candidate.Margin:F3}",
            })));
        console.WriteLine(
            $"change  '{result.Change.Before.Token}' ({result.Change.Before.Probability:F4}) -> "
            + $"'{result.Change.After.Token}' ({result.Change.After.Probability:F4}), "
            + $"total variation {result.Change.TotalVariation:F4}, KL {result.Change.Kl:F4} nats");
        if (result.GeneratedIds.Count > 0)
        {
            console.WriteLine($"generated  {result.GeneratedText}");
        }
    }
}
