using FsCheck;
using FsCheck.Fluent;

namespace Logitscope.Tests.Charts.Rendering;

public class TextTests
{
    [Theory]
    [InlineData("plain · 漢 🎉", "plain · 漢 🎉")]
    [InlineData("a\nb\tc\0", "a␊b␉c␀")]
    [InlineData("\u007f", "␡")]
    [InlineData("\u202eabc\u2066", "\ufffdabc\ufffd")]
    [InlineData("\ufffe\u0085", "\ufffd\ufffd")]
    [InlineData("\u2028", "␤")]
    public void What_a_document_may_not_hold_becomes_visible(string text, string shown) =>
        Assert.Equal(shown, Label.Printable(text));

    [Fact]
    public void Half_a_character_becomes_the_replacement_character() =>
        Assert.Equal("\ufffdx\ufffd", Label.Printable("\ud800x\udfff"));

    [Fact]
    public void A_fitted_text_is_no_wider_than_its_room_and_begins_like_the_text() =>
        Prop.ForAll<NonNull<string>, PositiveInt>((text, room) =>
        {
            var width = 12.0 + room.Get;
            var fitted = TextWidth.Fit(text.Get, width, 11);
            return TextWidth.Of(fitted, 11) <= width
                && Label.Printable(text.Get).StartsWith(fitted.TrimEnd('…'), StringComparison.Ordinal);
        }).Holds();

    [Fact]
    public void A_cut_never_splits_a_character() =>
        Assert.Equal("👩‍🚀…", TextWidth.Fit("👩‍🚀👩‍🚀👩‍🚀", 45, 11));

    [Fact]
    public void Lines_break_between_words_and_keep_them_all()
    {
        var lines = TextWidth.Wrap("one two three four five six seven", 80, 12);

        Assert.True(lines.Count > 1);
        Assert.Equal("one two three four five six seven", string.Join(' ', lines));
        Assert.All(lines, line => Assert.True(TextWidth.Of(line, 12) <= 80));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("漢字", 4)]
    [InlineData("e\u0301", 1)]
    public void A_terminal_column_is_counted(string text, int columns) =>
        Assert.Equal(columns, TextWidth.Columns(text));
}
