using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace Logitscope.Tests.Tokenizers;

public partial class Llama3SplitterTests
{
    private static readonly Llama3Splitter s_threes = new(digits: 3), s_ones = new(digits: 1);

    // Python: regex.findall(PATTERN, TEXT)
    [Theory]
    [InlineData("Hello, y'all!", "Hello", ",", " y", "'all", "!")]
    [InlineData("it''s 'S 'll'LL  \n\n z ", "it", "''", "s", " '", "S", " '", "ll", "'LL", "  \n\n", " z", " ")]
    [InlineData("don't we'VE 'ſo", "don", "'t", " we", "'VE", " '", "ſo")]
    [InlineData("it'ſo", "it", "'ſ", "o")]
    [InlineData("12345 6 ٣٤٥٦", "123", "45", " ", "6", " ", "٣٤٥", "٦")]
    [InlineData("𝟘𝟙𝟚𝟛4𠀀𠀁 𐐀", "𝟘𝟙𝟚", "𝟛4", "𠀀𠀁", " 𐐀")]
    [InlineData("a\r\n\r\n  b \n c", "a", "\r\n\r\n", " ", " b", " \n", " c")]
    [InlineData("x?!\r\n\ny", "x", "?!\r\n\n", "y")]
    [InlineData("\t\tif (x)\n", "\t", "\tif", " (", "x", ")\n")]
    [InlineData("\u00a0\u00a0x  y", "\u00a0", "\u00a0x", " ", " y")]
    [InlineData("🙂🙂a 🙂\n", "🙂🙂", "a", " 🙂\n")]
    [InlineData("½²Ⅷ٣ x", "½²Ⅷ", "٣", " x")]
    [InlineData("e\u0301te\u0327", "e", "\u0301te", "\u0327")]
    [InlineData("(a)\u200bb", "(a", ")\u200b", "b")]
    [InlineData("  \n  ", "  \n", "  ")]
    public void Pieces_are_those_that_Python_finds(string text, params string[] pieces) =>
        Assert.Equal(pieces, Gpt2SplitterTests.Split(s_threes, text));

    [Theory]
    [InlineData("12345 6", "1", "2", "3", "4", "5", " ", "6")]
    [InlineData("𝟘𝟙2a", "𝟘", "𝟙", "2", "a")]
    public void Qwens_digits_stand_alone(string text, params string[] pieces) =>
        Assert.Equal(pieces, Gpt2SplitterTests.Split(s_ones, text));

    [Fact]
    public void Pieces_are_those_of_the_patterns_over_code_points() =>
        Prop.ForAll(Unicode.BrokenStrings, text => Is(s_threes, Threes(), text) && Is(s_ones, Ones(), text)).Holds(cases: 3000);

    [Fact]
    public void A_surrogate_pair_is_never_cut() =>
        Prop.ForAll(Unicode.Strings, text => Gpt2SplitterTests.Split(s_threes, text).All(piece => Unicode.Repaired(piece) == piece))
            .Holds(cases: 1000);

    private static bool Is(TextSplitter splitter, Regex pattern, string text) =>
        Gpt2SplitterTests.Split(splitter, text).SequenceEqual(Gpt2SplitterTests.SplitByPattern(pattern, text));

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    private static partial Regex Threes();

    [GeneratedRegex(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")]
    private static partial Regex Ones();
}
