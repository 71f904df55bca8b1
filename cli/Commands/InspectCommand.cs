using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope inspect</c>: what a model, or a file of weights, is.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var command = new Command("inspect", "Says what a model is, or what one file of weights holds.") { answer.Json };
        model.AddTo(command);
        model.AddBareTo(command);
        command.SetAction(parsed =>
        {
            var path = model.FolderOf(parsed);
            if (File.Exists(path))
            {
                var file = new WeightFacts(CheckpointFile.Open(path));
                answer.Write(parsed, file, console => console.Write(Answer.TableOf(["", "weights"], file.Rows())));
                return;
            }

            using var loaded = model.Load(parsed, path, allowUnread: true);
            var stored = new WeightFacts(CheckpointFile.OpenFolder(path), loaded.Architecture);
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
                loaded.UnreadTensors,
                Stored = stored,
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
                    .. UnreadRows(facts.UnreadTensors),
                    .. stored.Rows(),
                ])));
        });
        return command;
    }

    // They are why every other verb refuses the folder.
    private static IEnumerable<string[]> UnreadRows(IReadOnlyList<string> names) =>
        names.Count == 0 ? [] : [["tensors that nothing reads", $"{names.Count}: {string.Join(", ", names)}"]];
}
