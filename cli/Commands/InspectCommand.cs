using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope inspect</c>: what a model is.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var command = new Command("inspect", "Says what a model is.") { answer.Json };
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var facts = new
            {
                loaded.Architecture,
                loaded.Layers,
                loaded.HiddenSize,
                VocabSize = loaded.VocabularySize,
                Parameters = loaded.ParameterCount,
                loaded.ContextLength,
                Dtype = loaded.Arithmetic,
                loaded.Fingerprint,
                loaded.Folder,
            };
            answer.Write(parsed, facts, console => console.Write(Answer.TableOf(
                ["", "model"],
                [
                    ["architecture", facts.Architecture],
                    ["layers", $"{facts.Layers}"],
                    ["hidden size", $"{facts.HiddenSize}"],
                    ["vocabulary", $"{facts.VocabSize}"],
                    ["parameters", $"{facts.Parameters:N0}"],
                    ["context", $"{facts.ContextLength} tokens"],
                    ["dtype", facts.Dtype],
                    ["fingerprint", facts.Fingerprint],
                    ["folder", facts.Folder ?? string.Empty],
                ])));
        });
        return command;
    }
}
