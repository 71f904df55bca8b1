using System.CommandLine;
using Logitscope.Cli.Hub;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope download</c>: a model from the hub into a folder.</summary>
internal static class DownloadCommand
{
    private const string MainRevision = "main";
    private const double Mega = 1e6;

    public static Command Create()
    {
        var id = new Argument<string>("repository") { Description = "Like EleutherAI/gpt-j-6b." };
        var revision = new Option<string>("--revision")
        {
            Description = "Branch, tag or commit.",
            DefaultValueFactory = _ => MainRevision,
            HelpName = "R",
        };
        var hub = new HubArguments(
            "Gets the model; an unfinished download in it goes on. Default: models/NAME, or models/NAME-R.");
        var command = new Command(
            "download", "Fetches a model: configuration, tokenizer, and weights in one format. HF_TOKEN opens what is gated.")
        {
            id, revision,
        };
        hub.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (name, branch) = (parsed.GetRequiredValue(id), parsed.GetRequiredValue(revision));
            var folder = hub.Folder(parsed) ?? DefaultFolder(name, branch);
            using var progress = HubArguments.Line(parsed, value =>
                $"{value.Done / Mega:N0} of {value.Total / Mega:N0} MB  {value.Rate / Mega:N1} MB a second");
            var model = await HubDownload
                .RunAsync(name, branch, folder, hub.Options(parsed), progress, cancellation).ConfigureAwait(false);
            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync($"{model.Id}@{model.Revision}, commit {model.Commit}").ConfigureAwait(false);
            foreach (var file in model.Files)
            {
                await output.WriteLineAsync($"  {file.Name}  {file.Size:N0} bytes  {file.Hash}").ConfigureAwait(false);
            }

            if (model.LeftOut.Count > 0)
            {
                await output.WriteLineAsync($"  not needed: {string.Join(", ", model.LeftOut)}").ConfigureAwait(false);
            }

            await output.WriteLineAsync($"complete; use it with --model {folder}").ConfigureAwait(false);
        });
        return command;
    }

    private static string DefaultFolder(string id, string revision)
    {
        var name = id[(id.LastIndexOf('/') + 1)..];
        return Path.Combine("models", revision == MainRevision ? name : $"{name}-{revision.Replace('/', '-')}");
    }
}
