using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class TextExamTests
{
    [Fact]
    public void Means_are_over_documents_and_not_over_tokens()
    {
        // Of the first document 1 of 3 tokens is a 7, of the second the only one; a single token says nothing.
        var score = TextExam.Take("text", "sevens", new Sevens(), [[0, 7, 1, 2], [0, 7], [0]]);
        Assert.Equal(("text", "sevens", 2, 4), (score.Text, score.Predictor, score.Documents, score.Tokens));
        Assert.Equal(2 / 3.0, score.Top1.Mean, 12);
        Assert.Equal((2 / 3.0 + 0) / 2, score.Surprisal.Mean, 12);
        Assert.True(score.Top1.Low < score.Top1.Mean && score.Top1.Mean < score.Top1.High);
    }

    [Fact]
    public void A_text_without_tokens_is_refused_by_name() => Assert.Contains(
        "empty text", Assert.Throws<TrainingException>(() => TextExam.Take("empty text", "x", new Sevens(), [[0]])).Message);

    // Says 7 each time, and is surprised by one nat where it is something else.
    private sealed class Sevens : ITokenPredictor
    {
        public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences) =>
            [.. sequences.Select(sequence => sequence.Skip(1).Select(token => new TokenGuess(7, token == 7 ? 0 : 1)).ToArray())];
    }
}
