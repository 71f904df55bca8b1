using System.CommandLine;
using Logitscope.Cli.Explorer;

namespace Logitscope.Cli.Commands;

/// <summary><c>logitscope explore</c>: a page on this machine for looking and patching by hand.</summary>
internal static class ExploreCommand
{
    private const int LastPort = 65535;

    public static Command Create()
    {
        var model = new ModelArguments();
        var port = new Option<int>("--port") { Description = "Where the page is. Default: any port that is free.", HelpName = "N" };
        port.Between(0, LastPort);
        var fitted = new Option<string[]>("--fitted") { Description = "A fitted lens beside the others: KIND=DIR. Repeatable.", HelpName = "KIND=DIR" };
        var command = new Command("explore", "Opens a page on this machine: heat maps to click through, tokens to follow, cells to patch.") { port, fitted };
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var lenses = TechniqueList.Parse("", [], parsed.GetValue(fitted) ?? []);
            using var loaded = model.Load(parsed);
            await using var server = await ExplorerServer.Start(loaded, parsed.GetValue(port), lenses.WithFolders(loaded)).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                $"{server.Link}\nOnly this machine sees it, and only with the token in the link. Ctrl-C ends it.").ConfigureAwait(false);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // How it ends.
            }
        });
        return command;
    }
}
