using System.Net;
using System.Text.RegularExpressions;
using FsCheck.Fluent;
using Logitscope.Cli.Pages;

namespace Logitscope.Tests.Notebooks;

public class CodeHighlighterTests
{
    [Theory]
    [InlineData("var x = 1;", "<span class=\"k\">var</span> x = <span class=\"n\">1</span>;")]
    [InlineData("#r \"a.dll\"", "<span class=\"d\">#r &quot;a.dll&quot;</span>")]
    [InlineData("// <note>", "<span class=\"c\">// &lt;note&gt;</span>")]
    [InlineData("model.Run()", "model.<span class=\"m\">Run</span>()")]
    [InlineData("new Patch()", "<span class=\"k\">new</span> <span class=\"t\">Patch</span>()")]
    [InlineData("a<int>(b)", "<span class=\"m\">a</span>&lt;<span class=\"k\">int</span>&gt;(b)")]
    [InlineData("record A;", "<span class=\"k\">record</span> <span class=\"t\">A</span>;")]
    [InlineData("f($\"{a(\" \")} b\")", "<span class=\"m\">f</span>(<span class=\"s\">$&quot;{a(&quot; &quot;)} b&quot;</span>)")]
    [InlineData("\"\"\"a \"b\" //\"\"\";", "<span class=\"s\">&quot;&quot;&quot;a &quot;b&quot; //&quot;&quot;&quot;</span>;")]
    public void Words_are_coloured_by_what_they_are(string code, string html) =>
        Assert.Equal(html, CodeHighlighter.ToHtml(code));

    [Fact]
    public void Any_text_shows_as_it_is() => Prop.ForAll<string>(text => Visible(text ?? "") == (text ?? ""))
        .Holds();

    [Fact]
    public void Any_mix_of_CSharp_pieces_shows_as_it_is()
    {
        string[] pieces =
        [
            "var ", "\"", "\"\"\"", "$\"{", "}", "/*", "*/", "//", "\n", "#if X\n", "#endif\n", "#r ", "'", "<T>", "(",
            ")", ";", "@", "é", "class ", "=>", "await ", "0x", "1e", "\\u0041", "\0", "[", "where ", "#!csharp\n",
        ];
        Prop.ForAll(Gen.Elements(pieces).ArrayOf().Select(string.Concat).ToArbitrary(), code => Visible(code) == code)
            .Holds();
    }

    private static string Visible(string code) =>
        WebUtility.HtmlDecode(Regex.Replace(CodeHighlighter.ToHtml(code), "<[^>]*>", ""));
}
