using FsCheck.Fluent;

namespace Logitscope.Tests.Charts;

public class TableTests
{
    private static readonly Table s_tokens = Table.Of(
        new[] { ("<|endoftext|>", 50256, .5), ("·漢", 7, .00001), ("\n", 198, 0) },
        ("token", row => row.Item1), ("id", row => row.Item2), ("p", row => row.Item3));

    [Fact]
    public void Plain_text_is_aligned_numbers_to_the_right() => Assert.Equal(
        """
        token             id       p
        <|endoftext|>  50256   0.500
        ·漢                7  1.0e-5
        ␊                198   0.000
        """, s_tokens.ToText());

    [Fact]
    public void A_title_goes_above() =>
        Assert.StartsWith("Tokens\ntoken ", (s_tokens with { Title = "Tokens" }).ToText());

    [Fact]
    public void HTML_escapes_every_text_and_keeps_spaces()
    {
        var html = (Table.Of([" <b>&"], ("<i>", text => text)) with { Title = "<u>" }).ToHtml();

        Assert.Contains("> &lt;b&gt;&amp;</td>", html);
        Assert.Contains("&lt;i&gt;</th>", html);
        Assert.Contains("&lt;u&gt;</caption>", html);
        Assert.Contains("white-space:pre", html);
    }

    [Fact]
    public void Numbers_are_at_the_right_and_text_at_the_left_in_HTML()
    {
        var html = s_tokens.ToHtml();

        Assert.Matches("<th style=\"text-align:left;[^>]*>token</th>", html);
        Assert.Matches("<td style=\"text-align:right;[^>]*>50256</td>", html);
    }

    [Fact]
    public void CSV_keeps_every_digit_and_quotes_what_needs_it() =>
        Assert.Equal("a,\"b,\"\"c\"\"\"\n0.1,\"x\ny\"\n,z\n",
            new Table(["a", "b,\"c\""], [[.1, "x\ny"], [null, "z"]]).ToCsv());

    [Fact]
    public void A_row_of_another_length_is_an_error() =>
        Assert.Equal("A table of 2 columns needs as many cells a row, got 1 in row 1.",
            Assert.Throws<ChartException>(() => new Table(["a", "b"], [[1, 2], [3]])).Message);

    [Fact]
    public void Any_text_keeps_one_line_a_row() => Prop.ForAll<string>(text =>
    {
        var table = Table.Of([text, "x"], ("column", cell => cell), ("n", _ => 1));
        Assert.Equal(3, table.ToText().Split('\n').Length);
        Assert.Equal(3, table.ToHtml().Split("<tr>").Length - 1);
    }).Holds();
}
