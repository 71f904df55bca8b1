using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope tokenize</c>: a text as the model sees it. Reads the tokenizer alone.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var text = new Option<string>("--text") { Description = "The text.", Required = true, HelpName = PromptArguments.Text };
        var noBos = PromptArguments.NoBos();
        var command = new Command("tokenize", "Shows a text as the model sees it.") { text, noBos, answer.Json };
        model.AddNameTo(command);
        model.AddBareTo(command);
        command.SetAction(parsed =>
        {
            var prompt = ModelTokenizer.Load(model.FolderOf(parsed)).Encode(
                parsed.GetRequiredValue(text), parsed.GetValue(noBos) ? Bos.Never : Bos.Always);
            answer.Write(
                parsed,
                new
                {
                    prompt.Ids,
                    Tokens = prompt.Tokens.Select(token => token.Text),
                    Bytes = prompt.Ids.Select(id => Hex(prompt, id)),
                },
                console => console.Write(Answer.TableOf(
                    ["position", "id", "token", "bytes"],
                    prompt.Tokens.Select(token =>
                        new[] { $"{token.Position}", $"{token.Id}", token.Text, Hex(prompt, token.Id) }))));
        });
        return command;
    }

    private static string Hex(Prompt prompt, int id) => Convert.ToHexString(prompt.Tokenizer.TokenBytes(id));
}
