using System.CommandLine;
using Logitscope.Checkpoints;
using Logitscope.Models;
using TorchSharp;

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
        var command = new Command("logits", "Writes the logits and residuals of a prompt.") { file, noBos };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction(parsed =>
        {
            using var scope = torch.NewDisposeScope();
            using var loaded = model.Load(parsed);
            var hooks = Enumerable.Range(0, loaded.Layers)
                .SelectMany(layer => new[] { new Hook(layer, Site.ResidPre), new Hook(layer, Site.ResidPost) })
                .ToArray();
            var run = loaded.Forward(prompt.Read(parsed, loaded, noBos).ToTensor(), new() { Keep = hooks });
            SafetensorsWriter.Write(
                parsed.GetRequiredValue(file),
                [
                    ("logits", run.Logits.squeeze(0)),
                    .. hooks.Select(hook => (hook.ToString(), run.Residuals[hook].squeeze(0))),
                ]);
        });
        return command;
    }
}
