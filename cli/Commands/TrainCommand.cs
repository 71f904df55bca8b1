using System.CommandLine;
using Logitscope.World;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope train</c>: trains a small GPT-J or GPT-2 on the atlas.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = new Option<string>("--recipe")
        {
            Description = "What to train.",
            Required = true,
            HelpName = "recipe.json",
        };
        var folder = new Option<string>("--out")
        {
            Description = "Gets the model. An unfinished training in it goes on after its last checkpoint.",
            Required = true,
            HelpName = "DIR",
        };
        var corpora = new Option<string?>("--corpora")
        {
            Description = "The natural text that the recipe names, as eng/gather-corpora.sh unpacks it.",
            HelpName = "DIR",
        };
        var command = new Command("train", "Trains a small GPT-J or GPT-2 on the atlas.")
        {
            recipe, corpora, folder, DataCommand.AtlasFolder,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var progress = new Reporter(error);
            Trainer.Train(
                TrainingRecipe.Read(parsed.GetRequiredValue(recipe)),
                Atlas.Load(parsed.GetRequiredValue(DataCommand.AtlasFolder)),
                parsed.GetValue(corpora),
                parsed.GetRequiredValue(folder),
                progress,
                cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private sealed class Reporter(TextWriter writer) : IProgress<TrainingProgress>
    {
        private const int Every = 20;

        public void Report(TrainingProgress value)
        {
            if (value.Step % Every == 0 || value.Step == value.Steps)
            {
                writer.WriteLine(
                    $"step {value.Step} of {value.Steps}  loss {value.Loss:F3} nats  "
                    + $"{value.TokensPerSecond:N0} tokens/s  {value.Left:hh\\:mm\\:ss} left");
            }
        }
    }
}
