using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Logitscope.Tests.Notebooks;

/// <summary>The engines that people run notebooks with, each a program of its own.</summary>
internal static class Engine
{
    /// <summary>Runs one notebook with dotnet-repl, in the notebook's folder.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> DotnetRepl(string notebook, string executed, params (string, string)[] variables)
    {
        var run = await Run(
            "dotnet",
            ["repl", "--run", notebook, "--exit-after-run", "--output-path", executed, "--output-format", "ipynb"],
            Path.GetDirectoryName(notebook)!,
            variables);
        Assert.True(File.Exists(executed), $"dotnet-repl left no {executed}: {run.Text}");
        return run.Code;
    }

    /// <summary>Makes the tools of the checkout ready; null, or why they are not.</summary>
    public static async Task<string?> Restore()
    {
        var run = await Run("dotnet", ["tool", "restore"], Repository.Root);
        return run.Code == 0 ? null : $"dotnet tool restore: {run.Text.TrimEnd().Split('\n')[^1]}";
    }

    /// <summary>Runs a program to its end, or kills it with all that it started when the test is given up.</summary>
    public static async Task<(int Code, string Output, string Text)> Run(
        string program, IEnumerable<string> arguments, string folder, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string, string)[] quiet =
        [
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_NOLOGO", "1"),
            // Build nodes that live on would keep the pipes open; threads that spin would take the cores from other tests.
            ("MSBUILDDISABLENODEREUSE", "1"), ("OMP_WAIT_POLICY", "passive"),
        ];
        foreach (var (name, value) in quiet.Concat(variables))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var cancellation = TestContext.Current.CancellationToken;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromMinutes(15), cancellation);
            return (process.ExitCode, await output, await output + await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}

/// <summary>What one code cell put out, as its file has it.</summary>
/// <param name="Shown">The plain text of what it displayed, in order.</param>
/// <param name="Html">The HTML of the same.</param>
/// <param name="Console">What it wrote, without empty lines: dotnet-repl ends each write of one with a line.</param>
/// <param name="Errors">Why it failed.</param>
public sealed record CellResult(string[] Shown, string[] Html, string Console, string[] Errors)
{
    /// <summary>The code cells of an executed notebook.</summary>
    public static CellResult[] Of(string path) =>
    [
        .. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray()
            .Where(cell => (string)cell!["cell_type"]! == "code")
            .Select(cell => Of(cell!["outputs"]!.AsArray()!)),
    ];

    private static CellResult Of(IEnumerable<JsonNode> outputs)
    {
        var byType = outputs.ToLookup(output => (string)output["output_type"]! switch
        {
            "execute_result" => "display_data",
            var type => type,
        });
        var data = byType["display_data"].Select(output => output["data"]!).ToArray();
        return new(
            [.. data.Select(found => Text(found["text/plain"]))],
            [.. data.Select(found => Text(found["text/html"]))],
            string.Join('\n', string.Concat(byType["stream"].Select(output => Text(output["text"])))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            [.. byType["error"].Select(output => (string)output["evalue"]!)]);
    }

    private static string Text(JsonNode? text) => text switch
    {
        null => "",
        JsonArray lines => string.Concat(lines.Select(line => (string)line!)),
        _ => (string)text!,
    };
}
