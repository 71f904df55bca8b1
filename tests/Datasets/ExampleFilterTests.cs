using FsCheck.Fluent;
using Logitscope.Tests.Tokenizers;

namespace Logitscope.Tests.Datasets;

public class ExampleFilterTests
{
    private static readonly ExampleFilter s_reference = new();

    [Theory]
    [InlineData(199, true)]
    [InlineData(200, false)]
    public void Fewer_than_200_words_pass(int words, bool passes) =>
        Assert.Equal(passes, Keeps(string.Join(' ', Enumerable.Repeat("w", words))));

    [Theory]
    [InlineData(1599, true)]
    [InlineData(1600, false)]
    public void Fewer_than_1600_characters_pass(int count, bool passes) =>
        Assert.Equal(passes, Keeps(new string('x', count)));

    [Fact]
    public void Each_space_parts_two_words_though_one_be_empty()
    {
        Assert.True(Keeps(new string(' ', 198)));
        Assert.False(Keeps(new string(' ', 199)));
        Assert.True(Keeps(string.Concat(Enumerable.Repeat("w\n\t", 400))));
    }

    [Fact]
    public void A_character_beyond_the_BMP_counts_once()
    {
        Assert.True(Keeps(string.Concat(Enumerable.Repeat("🙂", 1599))));
        Assert.False(Keeps(string.Concat(Enumerable.Repeat("🙂", 1600))));
        Assert.False(Keeps(new string('\uD83D', 1600)));
    }

    [Fact]
    public void Words_and_code_points_are_counted_as_Python_counts_them() =>
        Prop.ForAll(Unicode.Strings, text =>
                new ExampleFilter { WordsBelow = 4, CodePointsBelow = 12 }.Keeps(new("x", text, null))
                == (text.Split(' ').Length < 4 && text.EnumerateRunes().Count() < 12))
            .Holds(cases: 2000);

    [Fact]
    public void An_empty_text_passes_and_so_do_ids_of_any_number()
    {
        Assert.True(Keeps(""));
        Assert.True(s_reference.Keeps(new("x", null, new int[5000])));
    }

    private static bool Keeps(string text) => s_reference.Keeps(new("x", text, null));
}
