using FsCheck.Fluent;
using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class NGramModelTests
{
    // Tokens a = 0, b = 1, c = 2 of a vocabulary of 4: "a b a b a c" and "a b".
    private static readonly int[][] s_rows = [[0, 1, 0, 1, 0, 2], [0, 1]];

    [Fact]
    public void A_unigram_model_counts_and_sets_three_quarters_of_each_count_aside()
    {
        // a 4, b 3, c 1 of 8; three kinds set aside 3 x 0.75 / 8, a quarter of it for each of the four tokens.
        var share = 3 * 0.75 / 8 / 4;
        AssertClose(
            [(3.25 / 8) + share, (2.25 / 8) + share, (0.25 / 8) + share, share],
            new NGramModel(1, s_rows, 4).Distribution([]));
    }

    [Fact]
    public void A_bigram_model_mixes_what_followed_with_the_unigrams()
    {
        // After a: b 3 times, c once. Rows end: nothing follows the last a b.
        var unigram = new NGramModel(1, s_rows, 4).Distribution([]);
        var aside = 2 * 0.75 / 4;
        AssertClose(
            [aside * unigram[0], (2.25 / 4) + (aside * unigram[1]), (0.25 / 4) + (aside * unigram[2]), aside * unigram[3]],
            new NGramModel(2, s_rows, 4).Distribution([0]));
    }

    [Fact]
    public void A_trigram_model_mixes_what_followed_two_tokens_with_the_bigrams()
    {
        // After b a: b once, c once.
        var bigram = new NGramModel(2, s_rows, 4).Distribution([0]);
        var aside = 2 * 0.75 / 2;
        AssertClose(
            [aside * bigram[0], (0.25 / 2) + (aside * bigram[1]), (0.25 / 2) + (aside * bigram[2]), aside * bigram[3]],
            new NGramModel(3, s_rows, 4).Distribution([1, 0]));
    }

    [Fact]
    public void An_unseen_context_counts_for_nothing()
    {
        var model = new NGramModel(3, s_rows, 4);
        Assert.Equal(model.Distribution([2]), model.Distribution([3, 2]));
        Assert.Equal(new NGramModel(1, s_rows, 4).Distribution([]), model.Distribution([3]));
    }

    [Fact]
    public void Guesses_are_the_most_probable_token_and_the_surprisal_of_the_true_one()
    {
        var model = new NGramModel(3, s_rows, 4);
        var guesses = Assert.Single(model.Predict([[0, 1, 0, 3]]));
        Assert.Equal([1, 0, 1], guesses.Select(guess => guess.Top1));
        Assert.Equal(-Math.Log(model.Distribution([0])[1]), guesses[0].Surprisal, 12);
        Assert.Equal(-Math.Log(model.Distribution([0, 1])[0]), guesses[1].Surprisal, 12);
        Assert.Equal(-Math.Log(model.Distribution([1, 0])[3]), guesses[2].Surprisal, 12);
    }

    [Fact]
    public void Probabilities_are_above_zero_and_add_up_to_one() =>
        Prop.ForAll<byte[], byte, byte>((text, first, second) =>
        {
            var model = new NGramModel(3, [Array.ConvertAll(text, token => token % 7)], 7);
            var next = model.Distribution([first % 7, second % 7]);
            return next.All(p => p > 0) && Math.Abs(next.Sum() - 1) < 1e-12;
        }).Holds();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void An_order_that_is_not_implemented_is_refused(int order) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramModel(order, s_rows, 4));

    private static void AssertClose(double[] expected, double[] got)
    {
        Assert.Equal(expected.Length, got.Length);
        Assert.All(expected.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 12));
    }
}
