using Logitscope.Tests.Cli;

namespace Logitscope.Tests.Notebooks;

/// <summary>What dotnet-repl makes of every kind of output and failure, and what the page makes of that.</summary>
[Collection(nameof(WorkbookRun))]
public sealed class EngineTests(WorkbookRun run)
{
    private const string Name = "kinds.ipynb";

    [Fact]
    public void A_failed_cell_ends_in_exit_code_2_and_later_cells_run_on()
    {
        Assert.Equal(2, run.Executed(Name).Code);
        Assert.Equal([13, 14, 15], run.Cells(Name).Index().Where(cell => cell.Item.Errors.Length > 0).Select(cell => cell.Index + 1));
        Assert.Contains("27", run.Cells(Name)[^1].Html.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_command_names_each_failed_cell_its_line_and_its_error()
    {
        using var folder = new TemporaryFolder();
        var made = await Outcome.Of("page", run.Executed(Name).Path, "--out", folder.Path);

        Assert.Equal(2, made.Code);
        Assert.Equal(
            """
            kinds: cell [13], line 3: InvalidOperationException: no layer 28: the model has 28
                Depth(layer + 1)
            kinds: cell [14], line 2: CS0103: The name 'missing' does not exist in the current context
                var z = y + missing;
            kinds: cell [15], line 2: FormatException: The input string 'x' was not in a correct format.
                Task.Run(() => int.Parse(text)).Wait();

            """,
            made.Error);
        Assert.Equal(folder.PathOf("kinds.html") + "\n", made.Output);
    }

    [Fact]
    public async Task The_page_shows_every_kind_of_output()
    {
        using var folder = new TemporaryFolder();
        await Outcome.Of("page", run.Executed(Name).Path, "--out", folder.Path);
        var page = await File.ReadAllTextAsync(folder.PathOf("kinds.html"), TestContext.Current.CancellationToken);

        Assert.Contains("<title>Every kind of output</title>", page, StringComparison.Ordinal);
        Assert.Contains("<div class=\"nb-html\"><b>bold</b>", page, StringComparison.Ordinal);
        Assert.Contains("<em>works</em>", page, StringComparison.Ordinal);
        Assert.Contains("<svg viewBox=\"0 0 600 120\"", page, StringComparison.Ordinal);
        Assert.Contains("progress 100 %\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("progress 50 %\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("details.dni-treeview {", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Microsoft.CodeAnalysis", page, StringComparison.Ordinal);
        Assert.Matches("nb-stdout\">first line\n(?s:.*)<pre class=\"nb-text\">a display between<", page);
        Assert.Empty((await Browser.OpenFile(folder.PathOf("kinds.html"))).Console);
    }
}
