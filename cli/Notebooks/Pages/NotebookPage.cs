using System.Net;
using System.Reflection;
using System.Text;
using Logitscope.Charts;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>An executed notebook as one HTML file that needs no other.</summary>
internal sealed class NotebookPage
{
    private static readonly string s_styleSheet = ReadResource("page.css");
    private static readonly string s_version = typeof(NotebookPage).Assembly.GetName().Version!.ToString(3);

    private readonly ExecutedNotebook _notebook;
    private readonly RunPlan _plan;
    private readonly MarkdownRenderer _markdown;
    private readonly OutputRenderer _outputs;

    public NotebookPage(ExecutedNotebook notebook, RunPlan plan)
    {
        _notebook = notebook;
        _plan = plan;
        _markdown = new MarkdownRenderer(new PageLinks(notebook.Source, plan));
        _outputs = new OutputRenderer(_markdown);
    }

    /// <summary>Whether some output draws with plotly.js, which then has to be in the page.</summary>
    private bool UsesPlotly =>
        _notebook.Runs.Values.SelectMany(run => run.Outputs).OfType<DisplayOutput>()
            .Select(output => output.Data.GetValueOrDefault(MimeTypes.Html) ?? "")
            .Any(html => html.Contains("Plotly", StringComparison.Ordinal));

    public string Render()
    {
        var cells = string.Concat(_notebook.Source.Cells.Select(Cell));
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Logitscope {s_version}">
            <title>{Encode(MarkdownRenderer.TitleOf(_notebook.Source))}</title>
            <style>
            {s_styleSheet}</style>
            {(UsesPlotly ? PlotlyElement() : "")}</head>
            <body class="nb">
            {Navigation()}<main class="nb-main">
            {cells}{Footer()}</main>
            </body>
            </html>

            """;
    }

    private string PlotlyElement() => _plan.Plotly is { } plotly
        ? $"{plotly.ToHtml()}\n"
        : $"""
            <script src="{PlotlyLibrary.Url}" integrity="{PlotlyLibrary.Integrity}" crossorigin="anonymous"></script>

            """;

    private string Cell(Cell cell) => cell.Kind switch
    {
        CellKind.Markdown => $"""
            <section class="nb-prose" id="cell-{cell.Id}">
            {_markdown.RenderCell(cell.Source, cell.Attachments)}</section>

            """,
        CellKind.Code => CodeCell(cell, _notebook.RunOf(cell)),
        _ => "",
    };

    private string CodeCell(Cell cell, CellRun? run)
    {
        var (state, number) = run switch
        {
            null => (" nb-skipped", " "),
            { Failure: { } } => (" nb-failed", cell.Number.ToString()),
            _ => ("", cell.Number.ToString()),
        };
        var entries = run is null
            ? "<p class=\"nb-note\">not run</p>\n"
            : string.Concat(run.Outputs.Select(_outputs.Render));
        return $"""
            <section class="nb-code{state}" id="cell-{cell.Id}">
            <a class="nb-number" href="#cell-{cell.Id}">[{number}]</a>
            <pre class="nb-source"><code>{CodeHighlighter.ToHtml(cell.Source.TrimEnd('\n'))}</code></pre>
            {(entries.Length == 0 ? "" : $"<div class=\"nb-outputs\">\n{entries}</div>\n")}</section>

            """;
    }

    private string Navigation()
    {
        var html = new StringBuilder("<nav class=\"nb-nav\" aria-label=\"Contents\">\n");
        if (_plan.Notebooks.Count > 1)
        {
            html.Append("<ol class=\"nb-book\">\n");
            foreach (var other in _plan.Notebooks)
            {
                var isHere = other == _notebook.Source;
                html.Append($"<li{(isHere ? " class=\"nb-here\"" : "")}>{PageLink(other)}");
                html.Append(isHere ? Outline() : "").Append("</li>\n");
            }

            html.Append("</ol>\n");
        }
        else
        {
            html.Append(Outline());
        }

        return html.Append("</nav>\n").ToString();
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
        var here = _plan.Notebooks.ToList().IndexOf(_notebook.Source);
        var previous = here > 0 ? PageLink(_plan.Notebooks[here - 1], before: "← ") : "";
        var next = here + 1 < _plan.Notebooks.Count ? PageLink(_plan.Notebooks[here + 1], after: " →") : "";
        var network = UsesPlotly && _plan.Plotly is null
            ? " Its charts load plotly.js from the network; without one they show as still pictures."
            : "";
        return $"""
            <footer class="nb-footer">
            <div class="nb-turn"><span>{previous}</span><span>{next}</span></div>
            <p>Run from {Encode(_notebook.Source.FileName)} by Logitscope {s_version}.{network}</p>
            </footer>

            """;
    }

    private static string PageLink(Notebook notebook, string before = "", string after = "")
    {
        var title = Encode(MarkdownRenderer.TitleOf(notebook));
        return $"<a href=\"{Uri.EscapeDataString(notebook.PageName)}\">{before}{title}{after}</a>";
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
