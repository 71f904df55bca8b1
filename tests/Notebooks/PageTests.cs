using System.Text.RegularExpressions;
using Logitscope.Cli.Pages;
using static Logitscope.Tests.Notebooks.NotebookFolder;

namespace Logitscope.Tests.Notebooks;

// Sets variables of the whole process.
[Collection(nameof(Alone))]
public sealed partial class PageTests : IDisposable
{
    private const string Chart = "<div id='chart'>still</div><script>if (window.Plotly) Plotly.newPlot('chart')</script>";

    private readonly NotebookFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_browser_does_report_a_script_that_fails()
    {
        await _folder.PagesOf(_folder.Add("broken.ipynb", Code("1", Display("text/html", "<script>missing()</script>"))));
        var page = await Browser.OpenFile(Path.Combine(_folder.Out, "broken.html"));

        Assert.Contains(page.Console, line => line.Contains("missing is not defined", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Notebooks_lead_to_each_other_and_links_between_them_to_their_pages()
    {
        var first = _folder.Add("a b.ipynb", Markdown("# First\n\n## In *order*\n\n[n](other.ipynb#x) [g](gone.ipynb) [w](https://example.org/e)"));
        var made = await _folder.PagesOf(first, _folder.Add("other.ipynb", Markdown("# No. <2>")));

        Assert.Equal($"{_folder.PathOf("out", "a b.html")}\n{_folder.PathOf("out", "other.html")}\n", made.Succeeded().Output);
        var (page, next) = (_folder.Page("a b.html"), _folder.Page("other.html"));
        Assert.Contains("<li><a href=\"other.html\">No. &lt;2&gt;</a></li>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"other.html\">No. &lt;2&gt; →</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"a%20b.html\">← First</a>", next, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#in-order\">In order</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"other.html#x\">n</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"gone.ipynb\">g</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/e\">w</a>", page, StringComparison.Ordinal);
        Assert.Empty(External().Matches(page));
    }

    [Fact]
    public async Task Links_to_other_files_begin_at_the_folder_of_the_notebooks()
    {
        var notebook = _folder.Add(
            "links.ipynb", Markdown("[d](../docs/x.md#y) ![p](p.png) [l](links.ipynb) [h](#here) [w](https://example.org/e)"));
        (await Logitscope.Tests.Cli.Outcome.Of("page", notebook, "--out", _folder.Out, "--source", _folder.PathOf("books"))).Succeeded();
        var page = _folder.Page("links.html");

        Assert.Contains("<a href=\"../books/../docs/x.md#y\">d</a>", page, StringComparison.Ordinal);
        Assert.Contains("<img src=\"../books/p.png\"", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"links.html\">l</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#here\">h</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"https://example.org/e\">w</a>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_the_author_and_of_outputs_cannot_become_markup()
    {
        await _folder.PagesOf(_folder.Add(
            "escape.ipynb",
            Code("// <i>\n\"<b>\"", Stream("<b>1</b>"), Display("text/plain", "<b>2</b>"), Error("System.Exception: <b>3</b>"))));
        var page = _folder.Page("escape.html");

        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;3", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_text_shows_as_a_terminal_would_leave_it()
    {
        await _folder.PagesOf(_folder.Add("terminal.ipynb", Code("1", Stream("0 %\r50 %\r100 %\r\n\e[31mred\e[0m"))));

        Assert.Contains(
            "<pre class=\"nb-stream nb-stdout\">100 %\nred</pre>", _folder.Page("terminal.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_console_got_comes_before_the_value_where_dotnet_repl_moved_it_behind()
    {
        var cell = Code("1", Display("text/plain", "value"), Stream("told"));
        var moved = Code("1", Display("text/plain", "value"), Stream("told"));
        moved["metadata"] = new System.Text.Json.Nodes.JsonObject { ["dotnet_repl_cellExecutionEndTime"] = "now" };
        await _folder.PagesOf(_folder.Add("jupyter.ipynb", cell), _folder.Add("repl.ipynb", moved));

        Assert.Matches(">value<[^>]*>[^>]*>told<", _folder.Page("jupyter.html"));
        Assert.Matches(">told<[^>]*>[^>]*>value<", _folder.Page("repl.html"));
    }

    [Fact]
    public async Task The_script_with_which_Jupyters_kernel_looks_for_its_host_stays_out()
    {
        await _folder.PagesOf(_folder.Add(
            "kernel.ipynb", Code("1", Display("text/html", "<div id='dotnet-interactive-this-cell-7'></div><script>probe()</script>"))));

        Assert.DoesNotContain("probe", _folder.Page("kernel.html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plotly_is_put_once_into_a_page_that_draws_with_it_and_into_no_other()
    {
        using var variable = new Variable(PlotlyLibrary.Variable, _folder.AddText(
            "plotly.min.js",
            """
            const text = 'drawn' + '</script>'.length;
            window.Plotly = { newPlot: id => document.getElementById(id).textContent = text };
            """));
        var chart = Display("text/html", Chart);
        await _folder.PagesOf(
            _folder.Add("chart.ipynb", Code("1", chart), Code("2", Display("text/html", "Plotly"))),
            _folder.Add("plain.ipynb", Code("1")));

        Assert.DoesNotContain("newPlot", _folder.Page("plain.html"), StringComparison.Ordinal);
        Assert.DoesNotContain("network", _folder.Page("chart.html"), StringComparison.Ordinal);
        Assert.Equal(2, _folder.Page("chart.html").Split("const text = 'drawn'").Length);
        var page = await Browser.OpenFile(Path.Combine(_folder.Out, "chart.html"));
        Assert.Empty(page.Console);
        Assert.Contains(">drawn9<", page.Dom, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_copy_of_plotly_the_page_takes_the_public_one_and_says_so()
    {
        var notebook = new ExecutedNotebook("chart", [new Cell("code", 1, "1", [new("text/html", "Plotly")])]);
        var page = new NotebookPage(notebook, [notebook], plotly: null).Render();

        Assert.Contains(
            $"<script src=\"{PlotlyLibrary.Url}\" integrity=\"{PlotlyLibrary.Integrity}\" crossorigin=\"anonymous\"></script>",
            page,
            StringComparison.Ordinal);
        Assert.Contains("load plotly.js from the network", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_copy_of_plotly_that_is_not_there_is_an_error()
    {
        using var variable = new Variable(PlotlyLibrary.Variable, "/nowhere/plotly.js");
        (await _folder.PagesOf(_folder.Add("plain.ipynb", Code("1")))).FailedWith("LOGITSCOPE_PLOTLY names plotly.min.js, got '/nowhere/plotly.js'");
    }

    [Fact]
    public async Task Two_notebooks_of_one_name_are_refused_and_nothing_is_written()
    {
        (await _folder.PagesOf(_folder.Add("a/same.ipynb", Code("1")), _folder.Add("b/same.ipynb", Code("1"))))
            .FailedWith("two notebooks are named same; their pages would be one file");
        Assert.False(Directory.Exists(_folder.Out));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        _folder.AddText("out", "a file where the folder should be");
        (await _folder.PagesOf(_folder.Add("one.ipynb", Code("1")))).FailedWith(_folder.Out);
    }

    [GeneratedRegex("""<(?:script|link|img|iframe)[^>]*(?:src|href)="?(?!data:)[^>]*>|url\(|@import""")]
    private static partial Regex External();
}
