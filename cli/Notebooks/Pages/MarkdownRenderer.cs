using System.Net;
using System.Text.Json.Nodes;
using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Helpers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>Markdown cells as HTML; remembers the headings for the outline.</summary>
internal sealed class MarkdownRenderer(PageLinks links)
{
    private static readonly MarkdownPipeline s_pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseEmphasisExtras()
        .UseTaskLists()
        .UseAutoLinks()
        .UseFootnotes()
        .UseAlertBlocks()
        .UseMathematics()
        .Build();

    private readonly List<Heading> _headings = [];

    /// <summary>Of all cells rendered so far, in order.</summary>
    public IReadOnlyList<Heading> Headings => _headings;

    /// <summary>A markdown cell.</summary>
    public string RenderCell(string source, JsonObject? attachments)
    {
        var document = Markdown.Parse(source, s_pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
        {
            Record(heading);
        }

        return Render(document, attachments);
    }

    /// <summary>Markdown that a cell put out; its headings are not part of the outline.</summary>
    public string RenderOutput(string source) => Render(Markdown.Parse(source, s_pipeline), attachments: null);

    private string Render(MarkdownDocument document, JsonObject? attachments)
    {
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = link.IsImage ? links.Image(link.Url ?? "", attachments) : links.Link(link.Url ?? "");
        }

        using var text = new StringWriter();
        var renderer = new HtmlRenderer(text);
        s_pipeline.Setup(renderer);
        renderer.ObjectRenderers.Insert(0, new CodeRenderer());
        renderer.ObjectRenderers.Insert(0, new MathBlockRenderer());
        renderer.ObjectRenderers.Insert(0, new MathInlineRenderer());
        renderer.Render(document);
        return text.ToString();
    }

    /// <summary>The first level-one heading of a notebook, or its file name.</summary>
    public static string TitleOf(Notebook notebook) =>
        notebook.Cells.Where(cell => cell.Kind == CellKind.Markdown)
            .SelectMany(cell => Markdown.Parse(cell.Source, s_pipeline).Descendants<HeadingBlock>())
            .Where(heading => heading.Level == 1)
            .Select(PlainText)
            .FirstOrDefault() ?? Path.GetFileNameWithoutExtension(notebook.FileName);

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

    private sealed class MathInlineRenderer : HtmlObjectRenderer<MathInline>
    {
        protected override void Write(HtmlRenderer renderer, MathInline formula) =>
            renderer.Write(MathMarkup.ToHtml(formula.Content.ToString(), isBlock: formula.DelimiterCount == 2));
    }

    /// <summary>A formula between lines of two dollar signs; Markdig takes it for a kind of fenced code.</summary>
    private sealed class MathBlockRenderer : HtmlObjectRenderer<MathBlock>
    {
        protected override void Write(HtmlRenderer renderer, MathBlock formula) =>
            renderer.Write(MathMarkup.ToHtml(formula.Lines.ToString(), isBlock: true));
    }
}
