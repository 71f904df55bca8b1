using System.Text.Json.Nodes;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Notebooks;

/// <summary>A folder of throw-away notebooks and the results of running them.</summary>
internal sealed class NotebookFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("logitscope-notebooks-");

    public string Out => Path.Combine(_root.FullName, "out");

    public static string Fixture(string name) => Repository.File("tests", "Notebooks", "Fixtures", name);

    public string PathOf(params string[] parts) => Path.Combine([_root.FullName, .. parts]);

    /// <summary>Writes a notebook of code cells with the ids c1, c2 and so on.</summary>
    public string Add(string name, params string[] sources) => AddCells(
        name,
        sources.Select((source, index) => new JsonObject
        {
            ["cell_type"] = "code",
            ["id"] = $"c{index + 1}",
            ["metadata"] = new JsonObject(),
            ["execution_count"] = null,
            ["outputs"] = new JsonArray(),
            ["source"] = source,
        }));

    public string AddCells(string name, IEnumerable<JsonObject> cells) => AddText(name, new JsonObject
    {
        ["cells"] = new JsonArray([.. cells]),
        ["metadata"] = new JsonObject
        {
            ["kernelspec"] = new JsonObject { ["name"] = ".net-csharp", ["display_name"] = ".NET (C#)" },
        },
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
    }.ToJsonString());

    public string AddText(string name, string text)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Task<RunResult> RunAsync(params string[] notebooks) => RunAsync(notebooks, keepGoing: false);

    public async Task<RunResult> RunAsync(
        string[] notebooks, bool keepGoing, CancellationToken? cancellation = null)
    {
        using var error = new StringWriter();
        var exitCode = await NotebookRunner.RunAsync(
            notebooks, Out, keepGoing, error, cancellation ?? TestContext.Current.CancellationToken);
        return new RunResult(exitCode, error.ToString(), Out);
    }

    public void Dispose() => _root.Delete(recursive: true);
}
