namespace Logitscope.Tests.Metrics;

public class RougeLTests
{
    // By hand: words in common, in order, over the mean length.
    [Theory]
    [InlineData("country in Western Europe", "country in Western Europe", 1)]
    [InlineData("Country, in: EUROPE!", "country in Western Europe", 2 * 3 / 7.0)]
    [InlineData("Europe in country", "country in Europe", 2 * 1 / 6.0)]
    [InlineData("a b c d", "b x d", 2 * 2 / 7.0)]
    [InlineData("police killed the gunman", "police kill the gunman", 2 * 3 / 8.0)] // Lin's example
    [InlineData("São Paulo", "são paulo", 1)]
    [InlineData("", "country", 0)]
    [InlineData("-> !", "country", 0)]
    public void It_is_the_longest_common_subsequence_of_words(string text, string reference, double expected) =>
        Assert.Equal(expected, RougeL.F1(text, reference), 1e-12);

    [Fact]
    public void The_best_reference_counts()
    {
        Assert.Equal(1, RougeL.F1("painter from Mexico", "Mexican painter", "painter from Mexico"));
        Assert.Equal(0, RougeL.F1("anything"));
    }
}
