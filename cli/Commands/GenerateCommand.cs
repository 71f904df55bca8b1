using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope generate</c>: continues a prompt.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var tokens = new Option<int>("--max-new-tokens")
        {
            Description = "At most so many tokens.",
            DefaultValueFactory = _ => new GenerationOptions().MaxNewTokens,
            HelpName = "N",
        };
        var temperature = new Option<double>("--temperature") { Description = "0 (default): greedy; 1: the model's distribution." };
        var seed = new Option<long>("--seed") { Description = "Starts the sampling. Default: 0." };
        var command = new Command("generate", "Continues a prompt.") { tokens, temperature, seed, noBos, answer.Json };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var asked = prompt.Read(parsed, loaded, noBos);
            var ids = loaded.Generate(asked.Ids, new GenerationOptions
            {
                MaxNewTokens = parsed.GetValue(tokens),
                Temperature = parsed.GetValue(temperature),
                Seed = parsed.GetValue(seed),
                StopId = loaded.Tokenizer.EosId,
            });
            var text = loaded.Tokenizer.Decode(ids);
            answer.Write(
                parsed, new { PromptIds = asked.Ids, Ids = ids, Text = text }, console => console.WriteLine(text));
        });
        return command;
    }
}
