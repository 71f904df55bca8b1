using System.Text.Json;
using Logitscope.Cli.Notebooks;

namespace Logitscope.Tests.Workbook;

/// <summary>The notebooks that a user runs first.</summary>
[Collection(nameof(Alone))]
public sealed class WorkbookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_notebook_runs_and_shows_no_error()
    {
        Assert.SkipUnless(
            File.Exists(Repository.File("artifacts", "lib", "Logitscope.Lib.dll")), "eng/setup.sh has not built the library");
        using var limit = new Variable("LOGITSCOPE_LIMIT", "12");
        using var results = new Variable("LOGITSCOPE_OUT", _folder.PathOf("results"));
        string[] notebooks = [.. Directory.EnumerateFiles(Repository.File("notebooks"), "*.ipynb").Order()];
        using var error = new StringWriter();
        var code = await NotebookRunner.RunAsync(
            notebooks, _folder.PathOf("out"), keepGoing: true, error, TestContext.Current.CancellationToken);
        Assert.True(code == 0, error.ToString());
        Assert.Equal(5, notebooks.Length);
        foreach (var notebook in notebooks)
        {
            var executed = _folder.PathOf("out", Path.GetFileName(notebook));
            foreach (var cell in CodeCells(executed))
            {
                Assert.NotEqual(JsonValueKind.Null, cell.GetProperty("execution_count").ValueKind);
                Assert.DoesNotContain(
                    cell.GetProperty("outputs").EnumerateArray(), output => output.GetProperty("output_type").GetString() == "error");
            }

            Assert.True(new FileInfo(Path.ChangeExtension(executed, ".html")).Length > 10_000);
        }
    }

    private static List<JsonElement> CodeCells(string notebook) =>
    [
        .. JsonDocument.Parse(File.ReadAllText(notebook)).RootElement.GetProperty("cells").EnumerateArray()
            .Where(cell => cell.GetProperty("cell_type").GetString() == "code"),
    ];
}
