using System.Net;
using System.Reflection;
using System.Text;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>An executed notebook as one HTML file that needs no other.</summary>
internal sealed class NotebookPage
{
    private static readonly string StyleSheet = ReadResource("page.css");
    private static readonly string Version =
        typeof(NotebookPage).Assembly.GetName().Version?.ToString(3) ?? throw new InvalidOperationException("no version");

    private readonly ExecutedNotebook notebook;
    private readonly RunPlan plan;
    private readonly MarkdownRenderer markdown;
    private readonly OutputRenderer outputs;

    public NotebookPage(ExecutedNotebook notebook, RunPlan plan)
    {
        this.notebook = notebook;
        this.plan = plan;
        markdown = new MarkdownRenderer(new PageLinks(notebook.Source, plan));
        outputs = new OutputRenderer(markdown);
    }

    /// <summary>Whether some output draws with plotly.js, which then has to be in the page.</summary>
    private bool UsesPlotly =>
        notebook.Runs.Values.SelectMany(run => run.Outputs).OfType<DisplayOutput>()
            .Any(output => output.Data.GetValueOrDefault(MimeTypes.Html)?.Contains("Plotly", StringComparison.Ordinal) == true);

    public string Render()
    {
        var cells = string.Concat(notebook.Source.Cells.Select(Cell));
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Logitscope {Version}">
            <title>{Encode(notebook.Source.Title)}</title>
            <style>
            {StyleSheet}</style>
            {(UsesPlotly ? plan.Plotly.Element() : "")}</head>
            <body class="nb">
            {Navigation()}<main class="nb-main">
            {cells}{Footer()}</main>
            </body>
            </html>

            """;
    }

    private string Cell(Cell cell) => cell.Kind switch
    {
        CellKind.Markdown =>
            $"<section class=\"nb-prose\" id=\"cell-{cell.Id}\">\n{markdown.RenderCell(cell.Source, cell.Attachments)}</section>\n",
        CellKind.Code => CodeCell(cell, notebook.RunOf(cell)),
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
            : string.Concat(run.Outputs.Select(outputs.Render));
        return $"""
            <section class="nb-code{state}" id="cell-{cell.Id}">
            <a class="nb-number" href="#cell-{cell.Id}">[{number}]</a>
            <pre class="nb-source"><code>{CodeHighlighter.ToHtml(cell.Source.TrimEnd('\n'))}</code></pre>
            {(entries.Length == 0 ? "" : $"<div class=\"nb-outputs\">\n{entries}</div>\n")}</section>

            """;
    }

    private string Navigation()
    {
        var html = new StringBuilder("<nav class=\"nb-nav\">\n");
        if (plan.Notebooks.Count > 1)
        {
            html.Append("<ol class=\"nb-book\">\n");
            foreach (var other in plan.Notebooks)
            {
                var isHere = other == notebook.Source;
                html.Append($"<li{(isHere ? " class=\"nb-here\"" : "")}>{PageLink(other, other.Title)}");
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
        var entries = markdown.Headings.Where(heading => heading.Level is 2 or 3)
            .Select(heading => $"<li class=\"nb-level{heading.Level}\"><a href=\"#{heading.Id}\">{Encode(heading.Text)}</a></li>\n");
        return string.Concat(entries) is { Length: > 0 } list ? $"<ol class=\"nb-outline\">\n{list}</ol>\n" : "";
    }

    private string Footer()
    {
        var here = plan.Notebooks.ToList().IndexOf(notebook.Source);
        var previous = here > 0 ? PageLink(plan.Notebooks[here - 1], $"← {plan.Notebooks[here - 1].Title}") : "";
        var next = here + 1 < plan.Notebooks.Count
            ? PageLink(plan.Notebooks[here + 1], $"{plan.Notebooks[here + 1].Title} →")
            : "";
        var network = UsesPlotly && plan.Plotly.File is null
            ? " Its charts load plotly.js from the network; without one they show as still pictures."
            : "";
        return $"""
            <footer class="nb-footer">
            <div class="nb-turn"><span>{previous}</span><span>{next}</span></div>
            <p>Run from {Encode(notebook.Source.FileName)} by Logitscope {Version}.{network}</p>
            </footer>

            """;
    }

    private static string PageLink(Notebook notebook, string text) =>
        $"<a href=\"{Uri.EscapeDataString(notebook.PageName)}\">{Encode(text)}</a>";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string ReadResource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"resource {name} is not in the program");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
