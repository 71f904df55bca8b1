using System.Text;

namespace Logitscope.Tests.Tokenizers;

public class TokenTextTests
{
    [Theory]
    [InlineData(" cat", "␣cat")]
    [InlineData("   ", "␣␣␣")]
    [InlineData("\n\n", "⏎⏎")]
    [InlineData("\t", "⇥")]
    [InlineData("\r", "<U+000D>")]
    [InlineData("\0", "<U+0000>")]
    [InlineData("\u00A0", "<U+00A0>")]
    [InlineData("\u200B", "<U+200B>")]
    [InlineData("\u202E", "<U+202E>")]
    [InlineData("\u2028", "<U+2028>")]
    [InlineData("é中🙂", "é中🙂")]
    [InlineData("\uFFFD", "\uFFFD")]
    public void Characters_that_cannot_be_seen_are_spelled_out(string token, string shown) =>
        Assert.Equal(shown, TokenDisplay.Show(Encoding.UTF8.GetBytes(token)));

    [Theory]
    [InlineData(new byte[] { 0xE2 }, "<0xE2>")]
    [InlineData(new byte[] { 0xE2, 0x82 }, "<0xE2><0x82>")]
    [InlineData(new byte[] { 0x20, 0xF0, 0x9F }, "␣<0xF0><0x9F>")]
    [InlineData(new byte[] { 0xAC, 0x41, 0xFF }, "<0xAC>A<0xFF>")]
    [InlineData(new byte[] { 0xC3, 0xA9, 0xC3 }, "é<0xC3>")]
    [InlineData(new byte[0], "")]
    public void Parts_of_characters_are_shown_as_bytes(byte[] token, string shown) =>
        Assert.Equal(shown, TokenDisplay.Show(token));

    [Fact]
    public void Every_token_of_a_vocabulary_is_shown_as_itself_and_nothing_else()
    {
        var small = Vocabularies.Small;
        var shown = Enumerable.Range(0, small.VocabularySize).Select(small.TokenText).ToList();
        Assert.Equal(shown.Count, shown.Distinct().Count());
        Assert.DoesNotContain(shown, text => text.Length == 0 || text.Any(char.IsControl) || text.Contains(' '));
        Assert.Equal("<|endoftext|>", shown[^1]);
    }

    [Fact]
    public void A_row_of_the_head_that_no_token_uses_is_shown_by_number()
    {
        var small = Vocabularies.Small;
        Assert.Equal($"<id {small.VocabularySize}>", small.TokenText(small.VocabularySize));
        Assert.Throws<TokenizerException>(() => small.TokenText(-1));
    }
}
