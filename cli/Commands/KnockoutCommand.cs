using System.CommandLine;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope knockout</c>: attention edges of one prompt are cut, a window of layers at a time.</summary>
internal static class KnockoutCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var query = new Option<int>("--query")
        {
            Description = "The token that attends; -1 is the last.",
            DefaultValueFactory = _ => -1,
            HelpName = "P",
        };
        var keys = new Option<string>("--keys")
        {
            Description = "The tokens that it no longer attends to, BOS counted; -1 is the last.",
            Required = true,
            HelpName = "P,P",
        };
        var window = new Option<int>("--window")
        {
            Description = "Around layer l, layers l - W/2 to l + W/2 are cut, halves rounded down. The paper takes 9 of 48.",
            DefaultValueFactory = _ => 1,
            HelpName = "W",
        };
        window.AtLeastOne();
        var command = new Command("knockout", "Attention knockout: what the answer loses when a token no longer attends to others.")
        {
            query, keys, window, noBos, answer.Json,
        };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var loaded = model.Load(parsed);
            var read = prompt.Read(parsed, loaded, noBos);
            var cut = IdList.ParsePositions(keys.Name, parsed.GetRequiredValue(keys)).Select(key => new Index(read.ResolvePosition(key))).ToArray();
            var result = loaded.Knockout(read, read.ResolvePosition(parsed.GetValue(query)), cut, parsed.GetValue(window), cancellation);
            answer.Write(
                parsed,
                new
                {
                    Baseline = new { result.Baseline.Id, result.Baseline.Token, result.Baseline.Probability },
                    result.Layers,
                    result.Query,
                    result.Keys,
                    result.Window,
                    read.Ids,
                    Tokens = read.Tokens.Select(token => token.Text),
                },
                console =>
                {
                    var table = result.ToTable();
                    console.WriteLine(table.Title);
                    console.Write(Answer.TableOf(
                        table.Columns, result.Layers.Select(layer => new[] { $"{layer.Layer}", $"{layer.Probability:F4}", $"{layer.Change:P1}" })));
                });
            return Task.FromResult(0);
        });
        return command;
    }
}
