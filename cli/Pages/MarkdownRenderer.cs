using System.Net;
using Markdig;
using Markdig.Helpers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Logitscope.Cli.Pages;

/// <summary>Markdown cells as HTML; remembers the headings for the outline.</summary>
/// <param name="notebooks">The notebooks that have pages: links to them become links to their pages.</param>
/// <param name="linkRoot">Where other relative links begin, seen from the page; null for the page's own folder.</param>
internal sealed class MarkdownRenderer(IReadOnlyList<ExecutedNotebook> notebooks, string? linkRoot)
{
    /// <summary>A heading that the page's outline lists.</summary>
    /// <param name="Level">1 to 6.</param>
    /// <param name="Id">Unique in the page.</param>
    /// <param name="Text">Without markup.</param>
    internal sealed record Heading(int Level, string Id, string Text);

    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().Build();

    private readonly List<Heading> _headings = [];

    /// <summary>Of all cells rendered so far, in order.</summary>
    public IReadOnlyList<Heading> Headings => _headings;

    /// <summary>A markdown cell.</summary>
    public string RenderCell(string source)
    {
        var document = Markdown.Parse(source, s_pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            Record(heading);
        }

        return Render(document);
    }

    /// <summary>Markdown that a cell put out; its headings are not part of the outline.</summary>
    public string RenderOutput(string source) => Render(Markdown.Parse(source, s_pipeline));

    /// <summary>The first level-one heading of a notebook, or its file's name.</summary>
    public static string TitleOf(ExecutedNotebook notebook) =>
        notebook.Cells.Where(cell => cell.Type == "markdown")
            .SelectMany(cell => Markdown.Parse(cell.Source, s_pipeline).Descendants<HeadingBlock>())
            .Where(heading => heading.Level == 1)
            .Select(PlainText)
            .FirstOrDefault() ?? notebook.Name;

    private string Render(MarkdownDocument document)
    {
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = AddressOf(link.Url ?? "");
        }

        using var text = new StringWriter();
        var renderer = new HtmlRenderer(text);
        s_pipeline.Setup(renderer);
        renderer.ObjectRenderers.Insert(0, new CodeRenderer());
        renderer.Render(document);
        return text.ToString();
    }

    /// <summary>other.ipynb#part as other.html#part, where that notebook has a page; any other file where it lies.</summary>
    private string AddressOf(string address)
    {
        var (file, fragment) = address.IndexOf('#', StringComparison.Ordinal) is var start and >= 0
            ? (address[..start], address[start..])
            : (address, "");
        return notebooks.FirstOrDefault(other => $"{other.Name}.ipynb" == Uri.UnescapeDataString(file)) is { } other
            ? $"{Uri.EscapeDataString(other.Name)}.html{fragment}"
            : linkRoot is null || file.Length == 0 || Uri.TryCreate(address, UriKind.Absolute, out _)
                ? address
                : $"{linkRoot}/{address}";
    }

    private static string PlainText(HeadingBlock heading) =>
        string.Concat(heading.Inline?.Descendants().Select(inline => inline switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            _ => "",
        }) ?? []);

    private void Record(HeadingBlock heading)
    {
        var text = PlainText(heading);
        var slug = LinkHelper.UrilizeAsGfm(text) is { Length: > 0 } made ? made : "section";
        var id = slug;
        for (var again = 1; _headings.Exists(other => other.Id == id); again++)
        {
            id = $"{slug}-{again}";
        }

        heading.GetAttributes().Id = id;
        _headings.Add(new Heading(heading.Level, id, text));
    }

    private sealed class CodeRenderer : HtmlObjectRenderer<CodeBlock>
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock block)
        {
            var code = block.Lines.ToString();
            var isCSharp = block is FencedCodeBlock { Info: "csharp" or "cs" or "c#" or "C#" };
            renderer.EnsureLine();
            renderer.Write("<pre class=\"nb-source\"><code>");
            renderer.Write(isCSharp ? CodeHighlighter.ToHtml(code) : WebUtility.HtmlEncode(code));
            renderer.WriteLine("</code></pre>");
        }
    }
}
