using System.Net;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>The entries below a code cell as HTML.</summary>
internal sealed partial class OutputRenderer(MarkdownRenderer markdown)
{
    /// <summary>Best first; of several MIME types the page shows one.</summary>
    private static readonly string[] s_preference =
    [
        MimeTypes.Html, MimeTypes.Svg, "image/png", "image/jpeg", "image/gif", MimeTypes.Markdown, MimeTypes.PlainText,
    ];

    public string Render(Output output) => output switch
    {
        StreamOutput stream => Text($"nb-stream nb-{stream.Name}", AsShown(stream.Text.ToString())),
        ErrorOutput error => Text("nb-error", string.Join('\n', error.Traceback)),
        DisplayOutput display => Render(display.Data),
        _ => throw new ArgumentOutOfRangeException(nameof(output), output.GetType().Name, null),
    };

    private string Render(IReadOnlyDictionary<string, string> data)
    {
        var mimeType = Array.Find(s_preference, data.ContainsKey) ?? data.Keys.Order(StringComparer.Ordinal).First();
        var content = data[mimeType];
        return mimeType switch
        {
            MimeTypes.Html => $"<div class=\"nb-html\">{EngineStyle().Replace(content, "")}</div>\n",
            MimeTypes.Svg => $"<div class=\"nb-image\">{content}</div>\n",
            MimeTypes.Markdown => $"<div class=\"nb-prose\">{markdown.RenderOutput(content)}</div>\n",
            ['i', 'm', 'a', 'g', 'e', '/', ..] => Image(mimeType, Blank().Replace(content, "")),
            _ => Text("nb-text", content),
        };
    }

    private static string Image(string mimeType, string base64) =>
        $"<div class=\"nb-image\"><img alt=\"\" src=\"data:{mimeType};base64,{base64}\"></div>\n";

    private static string Text(string cssClass, string text) =>
        $"<pre class=\"{cssClass}\">{WebUtility.HtmlEncode(text.TrimEnd('\n'))}</pre>\n";

    /// <summary>Console text after its colours are dropped and each line has overwritten itself.</summary>
    private static string AsShown(string text) => string.Join(
        '\n',
        AnsiCode().Replace(text, "").Split('\n').Select(line => line.TrimEnd('\r').Split('\r')[^1]));

    /// <summary>.NET Interactive puts this sheet beside every table; it would restyle the whole page.</summary>
    [GeneratedRegex(@"<style>\s*\.dni-code-hint.*?</style>", RegexOptions.Singleline)]
    private static partial Regex EngineStyle();

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex AnsiCode();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blank();
}
