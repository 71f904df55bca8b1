using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Pages;

/// <summary>C# as HTML, its words coloured by what they look like.</summary>
internal static partial class CodeHighlighter
{
    private static readonly string[] s_classes = ["c", "d", "s", "n", "k", "t", "m"];

    public static string ToHtml(string code)
    {
        var html = new StringBuilder();
        var written = 0;
        foreach (Match word in Word().Matches(code))
        {
            var cssClass = Array.Find(s_classes, name => word.Groups[name].Success);
            html.Append(WebUtility.HtmlEncode(code[written..word.Index]));
            html.Append($"<span class=\"{cssClass}\">{WebUtility.HtmlEncode(word.Value)}</span>");
            written = word.Index + word.Length;
        }

        return html.Append(WebUtility.HtmlEncode(code[written..])).ToString();
    }

    /// <summary>
    /// Comments, directives, strings (raw, verbatim, interpolated with what their holes hold, plain), numbers, keywords,
    /// types where they are made or declared, and what is called.
    /// </summary>
    [GeneratedRegex(
        """"
        (?<c>//[^\n]*|/\*.*?(?:\*/|\z))
        |(?<d>^[ \t]*\#[^\n]*)
        |(?<s>\$*"""(?!").*?(?:"""|\z)|(?:\$@|@\$?)"(?:""|[^"])*"?
            |\$"(?:\\.|\{\{|\{(?:"[^"\n]*"|[^{}"\n])*\}|[^"\\\n])*"?|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])+')
        |(?<n>\b[0-9](?:[\w]|\.[0-9])*)
        |(?<k>\b(?:abstract|as|async|await|base|bool|break|byte|case|catch|char|class|const|continue|decimal|default|do|double
            |else|enum|false|finally|float|for|foreach|if|in|int|interface|internal|is|lock|long|new|not|null|object|or|out
            |override|params|private|public|readonly|record|ref|return|sealed|short|static|string|struct|switch|this|throw
            |true|try|typeof|using|var|void|when|while|with|yield)\b)
        |(?<t>(?<=\b(?:new|class|record|struct|enum|interface)\s+)[A-Z]\w*)
        |(?<m>\b\w+(?=(?:<[\w,\s]+>)?\())
        """",
        RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Word();
}
