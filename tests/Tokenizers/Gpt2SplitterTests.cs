using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace Logitscope.Tests.Tokenizers;

public partial class Gpt2SplitterTests
{
    // Python: regex.findall(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", TEXT)
    [Theory]
    [InlineData("Hello, y'all!", "Hello", ",", " y", "'", "all", "!")]
    [InlineData("it''s 'S 'll'LL  \n\n z ", "it", "''", "s", " '", "S", " '", "ll", "'", "LL", "  \n\n", " z", " ")]
    [InlineData("don't we'VE", "don", "'t", " we", "'", "VE")]
    [InlineData(" 's", " '", "s")]
    [InlineData(" '", " '")]
    [InlineData("x\u0085\u0085y", "x", "\u0085", "\u0085", "y")]
    [InlineData("a\u200bb \u3000c", "a", "\u200b", "b", " ", "\u3000", "c")]
    [InlineData("\u001c\u001d a", "\u001c\u001d", " a")]
    [InlineData("e\u0301te\u0327", "e", "\u0301", "te", "\u0327")]
    [InlineData("½²Ⅷ٣ x", "½²Ⅷ٣", " x")]
    [InlineData("\t \t", "\t \t")]
    [InlineData("\u00a0\u00a0x  y", "\u00a0", "\u00a0", "x", " ", " y")]
    [InlineData("¿Qué?¡no!", "¿", "Qué", "?¡", "no", "!")]
    [InlineData("ſ'ſ 𠀀𠀁 中文", "ſ", "'", "ſ", " 𠀀𠀁", " 中文")]
    [InlineData("𝐀𝐁c d𝟘𝟙2 🙂🙂!", "𝐀𝐁c", " d", "𝟘𝟙2", " 🙂🙂!")]
    public void Pieces_are_those_that_Python_finds(string text, params string[] pieces) =>
        Assert.Equal(pieces, Split(Gpt2Splitter.Instance, text));

    [Fact]
    public void Pieces_are_those_of_the_pattern_over_code_points() =>
        Prop.ForAll(Unicode.BrokenStrings, text => Split(Gpt2Splitter.Instance, text).SequenceEqual(SplitByPattern(Pattern(), text)))
            .Holds(cases: 3000);

    [Fact]
    public void A_surrogate_pair_is_never_cut() =>
        Prop.ForAll(Unicode.Strings, text => Split(Gpt2Splitter.Instance, text).All(piece => Unicode.Repaired(piece) == piece))
            .Holds(cases: 1000);

    /// <summary>The pieces of a text.</summary>
    internal static List<string> Split(TextSplitter splitter, string text)
    {
        var pieces = new List<string>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitter.EndOfPiece(text, start);
            pieces.Add(text[start..end]);
        }

        return pieces;
    }

    /// <summary>
    /// A pattern itself, run on a copy of the text in which each code point is one char of the same class, since
    /// .NET's classes see UTF-16 units, and its i misses ſ. A lone surrogate counts as U+FFFD.
    /// </summary>
    internal static List<string> SplitByPattern(Regex pattern, string text)
    {
        var copy = new StringBuilder();
        var starts = new List<int>();
        for (var start = 0; start < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out var units);
            copy.Append(StandIn(rune, pattern.ToString().Contains("(?i", StringComparison.Ordinal)));
            starts.Add(start);
            start += units;
        }

        starts.Add(text.Length);
        return
        [
            .. from match in pattern.Matches(copy.ToString())
               select text[starts[match.Index]..starts[match.Index + match.Length]],
        ];
    }

    private static char StandIn(Rune rune, bool ignoresCase)
    {
        if (rune.IsAscii)
        {
            return (char)rune.Value;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            _ when rune.Value == 'ſ' && ignoresCase => 's',
            <= UnicodeCategory.OtherLetter => 'Z',
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '0',
            _ => Rune.IsWhiteSpace(rune) ? '\t' : '!',
        };
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pattern();
}
