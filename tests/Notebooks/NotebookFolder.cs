using System.Text.Json.Nodes;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Notebooks;

/// <summary>A folder of throw-away notebooks and the results of running them.</summary>
internal sealed class NotebookFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Out => PathOf("out");

    public static string Fixture(string name) => Repository.File("tests", "Notebooks", "Fixtures", name);

    public string PathOf(params string[] parts) => _folder.PathOf(parts);

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

    public string AddText(string name, string text) => _folder.Write(name, text);

    public Task<RunResult> RunAsync(params string[] notebooks) => RunAsync(notebooks, keepGoing: false);

    public async Task<RunResult> RunAsync(
        string[] notebooks, bool keepGoing, CancellationToken? cancellation = null)
    {
        using var error = new StringWriter();
        var exitCode = await NotebookRunner.RunAsync(
            notebooks, Out, keepGoing, error, cancellation ?? TestContext.Current.CancellationToken);
        return new RunResult(exitCode, error.ToString(), Out);
    }

    public void Dispose() => _folder.Dispose();
}
