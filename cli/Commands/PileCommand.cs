using System.CommandLine;
using Logitscope.Cli.Hub;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope data pile</c>: the reference's documents.</summary>
internal static class PileCommand
{
    public static Command Create()
    {
        var limit = new Option<int>("--limit")
        {
            Description = "How many rows, from the first on; the reference takes 2000.",
            DefaultValueFactory = _ => 2000,
            HelpName = "N",
        };
        limit.AtLeastOne();
        var hub = new HubArguments("Gets first-N.jsonl; what an unfinished fetch left in it is used. Default: data/pile.");
        var command = new Command("pile", $"Fetches the first documents of {PileRows.Dataset}, as the reference does.") { limit };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var progress = HubArguments.Line(parsed, value =>
                $"{value.Done:N0} of {value.Total:N0} rows  {value.Rate:N0} a second");
            var (path, documents) = await PileRows.RunAsync(
                parsed.GetValue(limit),
                hub.Folder(parsed) ?? Path.Combine("data", "pile"),
                hub.Options(parsed),
                progress,
                cancellation).ConfigureAwait(false);
            var output = parsed.InvocationConfiguration.Output;
            if (documents.LeftOut.Count > 0)
            {
                await output.WriteLineAsync(
                    $"left out, since the server cuts them: rows {string.Join(", ", documents.LeftOut)}").ConfigureAwait(false);
            }

            var kept = ExampleFile.Read(path).Count(new ExampleFilter().Keeps);
            await output.WriteLineAsync(
                $"{path}: {documents.Documents} documents, of which the reference's filter keeps {kept}").ConfigureAwait(false);
        });
        return command;
    }
}
