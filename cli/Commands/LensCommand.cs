using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope lens</c>: a technique at every layer and position of a prompt.</summary>
internal static class LensCommand
{
    public static Command Create()
    {
        var (model, answer) = (new ModelArguments(), new Answer());
        var (prompt, noBos) = (new PromptArguments("--text", "--ids", "The prompt"), PromptArguments.NoBos());
        var html = new Option<string?>("--html") { Description = "Also write the interactive heat map.", HelpName = "F" };
        var svg = new Option<string?>("--svg") { Description = "Also write the heat map as a picture.", HelpName = "F" };
        var method = new Option<string>("--method")
        {
            Description = $"One of {TechniqueList.Names}.",
            DefaultValueFactory = _ => NextTokenTechnique.LogitLens.Name,
        }.Completed(NextTokenTechnique.All.Select(technique => technique.Name).Concat(FittedTechnique.Kinds));
        var fitted = new Option<string?>("--fitted") { Description = "The folder of the method's fit.", HelpName = "DIR" };
        var command = new Command("lens", "Shows what every layer would say next at every position.")
        {
            method, fitted, html, svg, noBos, answer.Json,
        };
        model.AddTo(command);
        prompt.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var methods = TechniqueList.One(parsed.GetValue(method)!, parsed.GetValue(fitted));
            using var loaded = model.Load(parsed);
            var technique = methods.For(loaded)[0].WithBos(parsed.GetValue(noBos) ? Bos.Never : Bos.Always);
            var lens = loaded.Read(prompt.Read(parsed, loaded, noBos), technique, cancellation);
            if (parsed.GetValue(html) is { } page)
            {
                AtomicFile.Write(page, lens.Chart().ToPage(PlotlyLibrary.Find()));
            }

            if (parsed.GetValue(svg) is { } picture)
            {
                AtomicFile.Write(picture, lens.Chart().ToSvg());
            }

            var table = lens.ToTable();
            answer.Write(
                parsed,
                new { lens.Method, lens.Prompt.Ids, Tokens = lens.Prompt.Tokens.Select(token => token.Text), lens.Cells },
                console => console.Write(Answer.TableOf(
                    table.Columns, table.Rows.Select(row => row.Select(cell => $"{cell}")))));
            return Task.FromResult(0);
        });
        return command;
    }
}
