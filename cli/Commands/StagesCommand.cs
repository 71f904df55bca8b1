using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope stages</c>: argument and answer of a relation by layer.</summary>
internal static class StagesCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var argument = new Option<string>("--argument")
        {
            Description = "The relation's argument: words, with their space in front, whose first token is followed; or a token id.",
            Required = true,
            HelpName = "\" Poland\"",
        };
        var said = new Option<string?>("--answer") { Description = "The answer, likewise. Default: what the model says.", HelpName = "\" Warsaw\"" };
        var command = new Command("stages", "Stages of recall: where the argument comes up, where the answer takes its place, and from where it stays.")
        {
            argument, said, noBos, answer.Json,
        };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var read = prompt.Read(parsed, loaded, noBos);
            var stages = loaded.Stages(
                read, Token(loaded, argument.Name, parsed.GetRequiredValue(argument)),
                parsed.GetValue(said) is { } words ? Token(loaded, said.Name, words) : null);
            answer.Write(
                parsed,
                new
                {
                    Argument = new { Id = stages.Argument, Token = read.Tokenizer.TokenText(stages.Argument) },
                    Answer = new { Id = stages.Answer, Token = read.Tokenizer.TokenText(stages.Answer) },
                    stages.ArgumentFormation,
                    stages.FunctionApplication,
                    stages.Saturation,
                    Layers = stages.Layers.Select(layer => new
                    {
                        layer.Layer,
                        Top = new { layer.Top.Id, layer.Top.Token, layer.Top.Probability },
                        layer.ArgumentRank,
                        layer.AnswerRank,
                    }),
                },
                console =>
                {
                    var table = stages.ToTable();
                    console.WriteLine(table.Title);
                    console.Write(Answer.TableOf(table.Columns, table.Rows.Select(row => row.Select(cell => cell is double number ? Numbers.Short(number) : $"{cell}"))));
                });
        });
        return command;
    }

    private static int Token(LanguageModel model, string option, string words) =>
        words.Length > 0 && words.All(char.IsAsciiDigit) ? IdList.Parse(option, words)[0]
        : model.Encode(words, Bos.Never) is { Count: > 0 } prompt ? prompt.Ids[0]
        : throw new LogitscopeException($"{option}: expected words or a token id, got none");
}
