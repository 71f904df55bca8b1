using System.CommandLine;
using Logitscope.Charts;
using Logitscope.Techniques.NextToken;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope lens</c>: the logit lens of a prompt.</summary>
internal static class LensCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var html = new Option<string?>("--html") { Description = "Also write the interactive heat map.", HelpName = "F" };
        var svg = new Option<string?>("--svg") { Description = "Also write the heat map as a picture.", HelpName = "F" };
        var command = new Command("lens", "Shows what every layer would say next at every position.")
        {
            html, svg, noBos, answer.Json,
        };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var lens = loaded.LogitLens(prompt.Read(parsed, loaded, noBos));
            if (parsed.GetValue(html) is { } page)
            {
                File.WriteAllText(page, lens.Chart().ToPage(PlotlyLibrary.Find()));
            }

            if (parsed.GetValue(svg) is { } picture)
            {
                File.WriteAllText(picture, lens.Chart().ToSvg());
            }

            var table = lens.ToTable();
            answer.Write(
                parsed,
                new { lens.Prompt.Ids, Tokens = lens.Prompt.Tokens.Select(token => token.Text), lens.Cells },
                console => console.Write(Answer.TableOf(
                    table.Columns, table.Rows.Select(row => row.Select(cell => $"{cell}")))));
        });
        return command;
    }
}
