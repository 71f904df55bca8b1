using System.Net;
using System.Reflection;
using System.Text;

namespace Logitscope.Cli.Pages;

/// <summary>An executed notebook as one HTML file that needs no other.</summary>
/// <param name="notebook">One of the notebooks.</param>
/// <param name="notebooks">All of those that get a page, in their order: each page leads to the others.</param>
/// <param name="plotly">Put into a page with charts; null for the public copy, which needs a network.</param>
/// <param name="linkRoot">Where relative links begin, seen from the page; null for the page's own folder.</param>
internal sealed class NotebookPage(
    ExecutedNotebook notebook, IReadOnlyList<ExecutedNotebook> notebooks, PlotlyLibrary? plotly, string? linkRoot = null)
{
    private static readonly string s_styleSheet = ReadResource("page.css");
    private static readonly string s_version = typeof(NotebookPage).Assembly.GetName().Version!.ToString(3);

    private readonly MarkdownRenderer _markdown = new(notebooks, linkRoot);

    /// <summary>Whether some output draws with plotly.js, which then has to be in the page.</summary>
    private readonly bool _usesPlotly = notebook.Cells.SelectMany(cell => cell.Outputs)
        .Any(output => output.Type == "text/html" && output.Text.Contains("Plotly", StringComparison.Ordinal));

    public string Render()
    {
        var cells = string.Concat(notebook.Cells.Index().Select(cell => Cell(cell.Item, $"cell-{cell.Index + 1}")));
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Logitscope {s_version}">
            <title>{Encode(MarkdownRenderer.TitleOf(notebook))}</title>
            <style>
            {s_styleSheet}</style>
            {(_usesPlotly ? PlotlyElement() : "")}</head>
            <body class="nb">
            {Navigation()}<main class="nb-main">
            {cells}{Footer()}</main>
            </body>
            </html>

            """;
    }

    private string PlotlyElement() => plotly is not null
        ? $"{plotly.ToHtml()}\n"
        : $"""
            <script src="{PlotlyLibrary.Url}" integrity="{PlotlyLibrary.Integrity}" crossorigin="anonymous"></script>

            """;

    private string Cell(Cell cell, string id) => cell.Type switch
    {
        "markdown" => $"""
            <section class="nb-prose" id="{id}">
            {_markdown.RenderCell(cell.Source)}</section>

            """,
        "code" => CodeCell(cell, id),
        _ => "",
    };

    private string CodeCell(Cell cell, string id)
    {
        var failure = cell.Failure;
        var renderer = new OutputRenderer(_markdown);
        var outputs = string.Concat(cell.Outputs.Select(output => renderer.Render(output, failure)));
        return $"""
            <section class="nb-code{(failure is null ? "" : " nb-failed")}" id="{id}">
            <a class="nb-number" href="#{id}">[{cell.Number}]</a>
            <pre class="nb-source"><code>{CodeHighlighter.ToHtml(cell.Source.TrimEnd('\n'))}</code></pre>
            {(outputs.Length == 0 ? "" : $"<div class=\"nb-outputs\">\n{outputs}</div>\n")}</section>

            """;
    }

    private string Navigation()
    {
        var html = new StringBuilder("<nav class=\"nb-nav\" aria-label=\"Contents\">\n");
        if (notebooks.Count == 1)
        {
            return html.Append(Outline()).Append("</nav>\n").ToString();
        }

        html.Append("<ol class=\"nb-book\">\n");
        foreach (var other in notebooks)
        {
            var isHere = other == notebook;
            html.Append($"<li{(isHere ? " class=\"nb-here\"" : "")}>{PageLink(other)}");
            html.Append(isHere ? Outline() : "").Append("</li>\n");
        }

        return html.Append("</ol>\n</nav>\n").ToString();
    }

    private string Outline()
    {
        var entries =
            from heading in _markdown.Headings
            where heading.Level is 2 or 3
            let link = $"<a href=\"#{heading.Id}\">{Encode(heading.Text)}</a>"
            select $"<li class=\"nb-level{heading.Level}\">{link}</li>\n";
        return string.Concat(entries) is { Length: > 0 } list ? $"<ol class=\"nb-outline\">\n{list}</ol>\n" : "";
    }

    private string Footer()
    {
        var here = notebooks.ToList().IndexOf(notebook);
        var previous = here > 0 ? PageLink(notebooks[here - 1], before: "← ") : "";
        var next = here + 1 < notebooks.Count ? PageLink(notebooks[here + 1], after: " →") : "";
        var network = _usesPlotly && plotly is null
            ? " Its charts load plotly.js from the network; without one they show as still pictures."
            : "";
        return $"""
            <footer class="nb-footer">
            <div class="nb-turn"><span>{previous}</span><span>{next}</span></div>
            <p>Made from {Encode(notebook.Name)}.ipynb by Logitscope {s_version}.{network}</p>
            </footer>

            """;
    }

    private static string PageLink(ExecutedNotebook notebook, string before = "", string after = "")
    {
        var title = Encode(MarkdownRenderer.TitleOf(notebook));
        return $"<a href=\"{Uri.EscapeDataString(notebook.Name)}.html\">{before}{title}{after}</a>";
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string ReadResource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"resource {name} is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
