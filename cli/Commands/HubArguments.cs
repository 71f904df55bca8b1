using System.CommandLine;
using Logitscope.Cli.Hub;

namespace Logitscope.Cli.Commands;

/// <summary>How the verbs that fetch from the network are told where to, and whether at all.</summary>
/// <param name="folder">What the folder gets, and its default.</param>
internal sealed class HubArguments(string folder)
{
    private readonly Option<string?> _folder = new("--to") { Description = folder, HelpName = "DIR" };

    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Make no request: check what is already there. Also HF_HUB_OFFLINE=1.",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_offline);
    }

    /// <summary>The folder, where one is named.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_folder);

    /// <summary>The environment's options, and the command line's.</summary>
    public HubOptions Options(ParseResult parsed)
    {
        var options = HubOptions.FromEnvironment();
        return options with { Offline = options.Offline || parsed.GetValue(_offline) };
    }

    /// <summary>A line that shows how far it is.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="amounts">Shows done, total and rate.</param>
    public static LiveLine<DownloadProgress> Line(ParseResult parsed, Func<DownloadProgress, string> amounts) =>
        new(parsed, value => $"{Path.GetFileName(value.File)}  {100.0 * value.Done / Math.Max(value.Total, 1):F1} %  "
            + $"{amounts(value)}  {value.Note ?? (value.Left is { } left ? $"{left:d\\.hh\\:mm\\:ss} left" : string.Empty)}");
}
