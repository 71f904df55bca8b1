using System.CommandLine;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope logits</c>: logits and residuals of a prompt as a safetensors file.</summary>
internal static class LogitsCommand
{
    public static Command Create()
    {
        var (model, prompt, noBos) =
            (new ModelArguments(), new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var file = new Option<string>("--out")
        {
            Description = "Gets logits [tokens, vocab], and resid_pre.i and resid_post.i [tokens, hidden] of every layer i.",
            Required = true,
            HelpName = "F.safetensors",
        };
        var keep = new Option<string>("--keep")
        {
            Description = "Adds, of every layer i: attn_out.i, mlp_out.i, resid_mid.i [tokens, hidden], heads.i [tokens, heads, "
                + "head_dim] before the output projection, scores.i, pattern.i [heads, tokens, tokens].",
            HelpName = "SITE,...",
        };
        var command = new Command("logits", "Writes the logits and residuals of a prompt.") { file, keep, noBos };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction(parsed =>
        {
            using var scope = torch.NewDisposeScope();
            Site[] sites = [.. SiteList.Parse("--keep", parsed.GetValue(keep)).Union([Site.ResidPre, Site.ResidPost]).Order()];
            using var loaded = model.Load(parsed);
            var hooks = Enumerable.Range(0, loaded.Layers).SelectMany(layer => sites.Select(site => new Hook(layer, site))).ToArray();
            var run = loaded.Forward(prompt.Read(parsed, loaded, noBos), new() { Keep = hooks });
            SafetensorsWriter.Write(
                parsed.GetRequiredValue(file),
                [("logits", run.Logits.squeeze(0)), .. hooks.Select(hook => ($"{hook}", OfOnePrompt(hook.Site, run[hook])))]);
        });
        return command;
    }

    private static Tensor OfOnePrompt(Site site, Tensor kept) => site switch
    {
        Site.HeadOut => kept.squeeze(0).transpose(0, 1).contiguous(), // tokens first, as everywhere but in patterns
        Site.ResidPre or Site.AttnOut or Site.ResidMid or Site.MlpOut or Site.ResidPost or Site.Scores or Site.Pattern => kept.squeeze(0),
        _ => throw new LogitscopeException($"a site: expected one that the file has a shape for, got {site}"),
    };
}
