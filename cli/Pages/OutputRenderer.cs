using System.Net;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Pages;

/// <summary>The entries below a code cell as HTML.</summary>
internal sealed partial class OutputRenderer(MarkdownRenderer markdown)
{
    public string Render(Output output, CellFailure? failure) => output.Type switch
    {
        "stdout" or "stderr" => Text($"nb-stream nb-{output.Type}", AsShown(output.Text)),
        Output.Error => Text("nb-error", string.Join('\n', [failure!.Error, .. failure.Details])),
        "text/html" => $"<div class=\"nb-html\">{EngineStyle().Replace(output.Text, "")}</div>\n",
        "image/svg+xml" => $"<div class=\"nb-image\">{output.Text}</div>\n",
        "text/markdown" => $"<div class=\"nb-prose\">{markdown.RenderOutput(output.Text)}</div>\n",
        ['i', 'm', 'a', 'g', 'e', '/', ..] =>
            $"<div class=\"nb-image\"><img alt=\"\" src=\"data:{output.Type};base64,{Blank().Replace(output.Text, "")}\"></div>\n",
        _ => Text("nb-text", output.Text),
    };

    private static string Text(string cssClass, string text) =>
        $"<pre class=\"{cssClass}\">{WebUtility.HtmlEncode(text.TrimEnd('\n'))}</pre>\n";

    /// <summary>Console text after its colours are dropped and each line has overwritten itself.</summary>
    private static string AsShown(string text) => string.Join(
        '\n',
        AnsiCode().Replace(text, "").Split('\n').Select(line => line.TrimEnd('\r').Split('\r')[^1]));

    /// <summary>.NET Interactive puts this sheet beside every value; it would restyle the whole page.</summary>
    [GeneratedRegex(@"<style>\s*\.dni-code-hint.*?</style>", RegexOptions.Singleline)]
    private static partial Regex EngineStyle();

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex AnsiCode();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blank();
}
