using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Logitscope.Charts;
using Logitscope.Cli.Notebooks;
using Logitscope.Cli.Notebooks.Pages;

namespace Logitscope.Tests.Notebooks;

[Collection(OneAtATime.Name)]
public sealed partial class NotebookPageTests : IDisposable
{
    private const string Chart =
        "HTML(\"<div id='chart'>still</div><script>if (window.Plotly) Plotly.newPlot('chart')</script>\")";

    private readonly NotebookFolder _folder = new();
    private readonly string? _plotly = Environment.GetEnvironmentVariable(PlotlyLibrary.Variable);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(PlotlyLibrary.Variable, _plotly);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("succeed")]
    [InlineData("fail")]
    public async Task A_page_opens_in_a_browser_without_a_word_on_its_console(string name)
    {
        await _folder.RunAsync(NotebookFolder.Fixture($"{name}.ipynb"));
        var page = await Browser.OpenFile(Path.Combine(_folder.Out, $"{name}.html"));

        Assert.Empty(page.Console);
        Assert.Contains("<footer", page.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_browser_does_report_a_script_that_fails()
    {
        await _folder.RunAsync(_folder.Add("broken.ipynb", "HTML(\"<script>missing()</script>\")"));
        var page = await Browser.OpenFile(Path.Combine(_folder.Out, "broken.html"));

        Assert.Contains(page.Console, line => line.Contains("missing is not defined", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_needs_no_other_file_and_no_network()
    {
        await _folder.RunAsync(Directory.GetFiles(NotebookFolder.Fixture(""), "*.ipynb"), keepGoing: true);

        var pages = Directory.GetFiles(_folder.Out, "*.html");
        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Empty(External().Matches(File.ReadAllText(page))));
    }

    [Fact]
    public async Task Notebooks_of_one_run_link_to_each_other()
    {
        var run = await _folder.RunAsync(
            NotebookFolder.Fixture("succeed.ipynb"), NotebookFolder.Fixture("missing-ids.ipynb"));

        var (page, next) = (run.Page("succeed.html"), run.Page("missing-ids.html"));
        Assert.Contains("<li><a href=\"missing-ids.html\">No ids here</a></li>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"missing-ids.html\">No ids here →</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"succeed.html\">← Reading a residual stream</a>", next, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#in-order\">In order</a>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_and_images_of_the_markdown_work_from_the_page()
    {
        _folder.AddText("books/dot.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        _folder.AddText("books/read me.txt", "");
        var other = _folder.Add("books/other.ipynb", "1");
        var links = _folder.AddCells("books/links.ipynb", [new()
        {
            ["cell_type"] = "markdown",
            ["source"] = """
                [a](other.ipynb#x) [b](read%20me.txt) [c](gone.ipynb) [d](https://example.org/e)
                ![f](dot.svg) ![g](attachment:g.png)
                """,
            ["attachments"] = JsonNode.Parse("""{"g.png": {"image/png": "iVBORw0KGgo="}}"""),
        }]);
        var page = (await _folder.RunAsync(links, other)).Page("links.html");

        Assert.Contains("<a href=\"other.html#x\">a</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"../books/read%20me.txt\">b</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"gone.ipynb\">c</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/e\">d</a>", page, StringComparison.Ordinal);
        Assert.Contains("<img src=\"data:image/svg+xml;base64,PHN2", page, StringComparison.Ordinal);
        Assert.Contains("<img src=\"data:image/png;base64,iVBORw0KGgo=\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_the_author_and_of_outputs_cannot_become_markup()
    {
        _folder.Add(
            "escape.ipynb",
            "Console.WriteLine(\"<b>1</b>\"); // <i>",
            "\"<b>2</b>\"",
            "throw new Exception(\"<b>3</b>\");");
        var page = (await _folder.RunAsync(_folder.PathOf("escape.ipynb"))).Page("escape.html");

        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_text_shows_as_a_terminal_would_leave_it()
    {
        _folder.Add("terminal.ipynb", "Console.Write(\"0 %\\r50 %\\r100 %\\r\\n\\u001b[31mred\\u001b[0m\");");
        var run = await _folder.RunAsync(_folder.PathOf("terminal.ipynb"));

        var page = run.Page("terminal.html");
        Assert.Contains("<pre class=\"nb-stream nb-stdout\">100 %\nred</pre>", page, StringComparison.Ordinal);
        Assert.Equal(["stdout: 0 %\r50 %\r100 %\r\n\u001b[31mred\u001b[0m"], run.Outputs("terminal.ipynb", "c1"));
    }

    [Fact]
    public async Task Plotly_is_put_into_a_page_that_draws_with_it_and_into_no_other()
    {
        Environment.SetEnvironmentVariable(
            PlotlyLibrary.Variable,
            _folder.AddText(
                "plotly.min.js",
                """
                const text = 'drawn' + '</script>'.length;
                window.Plotly = { newPlot: id => document.getElementById(id).textContent = text };
                """));
        var run = await _folder.RunAsync(_folder.Add("chart.ipynb", Chart), _folder.Add("plain.ipynb", "1"));

        Assert.DoesNotContain("newPlot", run.Page("plain.html"), StringComparison.Ordinal);
        Assert.DoesNotContain("network", run.Page("chart.html"), StringComparison.Ordinal);
        var page = await Browser.OpenFile(Path.Combine(_folder.Out, "chart.html"));
        Assert.Empty(page.Console);
        Assert.Contains(">drawn9<", page.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_copy_of_plotly_the_page_takes_the_public_one_and_says_so()
    {
        var plan = RunPlan.Make([_folder.Add("chart.ipynb", Chart)], _folder.Out) with { Plotly = null };
        var chart = new DisplayOutput(new Dictionary<string, string> { [MimeTypes.Html] = "Plotly" }, isResult: true);
        var runs = new Dictionary<int, CellRun> { [1] = new([chart], Failure: null) };

        var page = new NotebookPage(new ExecutedNotebook(plan.Notebooks[0], runs), plan).Render();

        Assert.Contains(
            $"<script src=\"{PlotlyLibrary.Url}\" integrity=\"{PlotlyLibrary.Integrity}\" crossorigin=\"anonymous\"></script>",
            page,
            StringComparison.Ordinal);
        Assert.Contains("load plotly.js from the network", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_copy_of_plotly_that_is_not_there_is_an_error()
    {
        Environment.SetEnvironmentVariable(PlotlyLibrary.Variable, "/nowhere/plotly.js");
        var run = await _folder.RunAsync(_folder.Add("plain.ipynb", "1"));

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("LOGITSCOPE_PLOTLY names plotly.min.js, got '/nowhere/plotly.js'", run.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex("""<(?:script|link|img|iframe)[^>]*(?:src|href)="?(?!data:)[^>]*>|url\(|@import""")]
    private static partial Regex External();
}
