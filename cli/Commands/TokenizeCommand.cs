using System.CommandLine;
using Logitscope.Tokenizers;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope tokenize</c>: a text as the model sees it.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var text = new Option<string>("--text") { Description = "The text.", Required = true, HelpName = "TEXT" };
        var noBos = PromptArguments.NoBos();
        var command = new Command("tokenize", "Shows a text as the model sees it.") { text, noBos, answer.Json };
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var prompt = loaded.Encode(
                parsed.GetRequiredValue(text), parsed.GetValue(noBos) ? Bos.Never : Bos.Always);
            answer.Write(
                parsed,
                new { prompt.Ids, Tokens = prompt.Tokens.Select(token => token.Text) },
                console => console.Write(Answer.TableOf(
                    ["position", "id", "token"],
                    prompt.Tokens.Select(token => new[] { $"{token.Position}", $"{token.Id}", token.Text }))));
        });
        return command;
    }
}
