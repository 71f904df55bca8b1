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

    // Nats of five documents: 0, 0 and 0 of one group, 1 and 1; against a baseline that has one nat everywhere.
    [Fact]
    public void Documents_of_a_group_are_one_and_differences_are_over_documents()
    {
        IReadOnlyList<int>[] documents = [[0, 7], [0], [0, 7], [0, 7], [0, 1], [0, 2]];
        int[] groups = [0, 9, 0, 0, 1, 2];
        var baseline = TextExam.Take("text", "never", new Never(), documents, groups);
        var score = TextExam.Take("text", "sevens", new Sevens(), documents, groups, less: baseline);
        Assert.Equal((5, 3, 0.4), (score.Documents, score.Groups, score.Surprisal.Mean));
        Assert.Equal(new Sample([0, 0, 0, 1, 1], [0, 0, 0, 1, 2]).Hall(), score.Surprisal);
        Assert.Equal(-0.6, score.LessSurprisal!.Value.Mean, 12);
        Assert.Equal(new Sample([-1, -1, -1, 0, 0], [0, 0, 0, 1, 2]).Hall(), score.LessSurprisal);
        Assert.Equal(0.6, score.LessTop1!.Value.Mean, 12);
        Assert.Null(baseline.LessTop1);
        var mixture = TextExam.Take("text", "sevens", new Sevens(), documents, strata: [0, 0, 0, 0, 1, 1]);
        Assert.Equal(0, mixture.Surprisal.High - mixture.Surprisal.Low, 12); // all that differs is the parts
    }

    [Fact]
    public void Texts_with_eight_words_in_common_belong_together()
    {
        const string one = "one two three four five six seven eight", nine = "nine ten eleven twelve thirteen fourteen fifteen sixteen";
        var groups = ShingleSet.GroupsOf([$"{one} nine", "nothing of them", $"{nine} x", $"{one}, {nine}", "", "One Two three four five six seven"]);
        Assert.Equal(groups[0], groups[2]); // through the fourth
        Assert.Equal(groups[0], groups[3]);
        Assert.Equal(4, groups.Distinct().Count());
    }

    [Fact]
    public void A_text_without_tokens_is_refused_by_name() => Assert.Contains(
        "empty text", Assert.Throws<TrainingException>(() => TextExam.Take("empty text", "x", new Sevens(), [[0]])).Message);

    // Is wrong each time, and surprised by one nat.
    private sealed class Never : ITokenPredictor
    {
        public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences) =>
            [.. sequences.Select(sequence => sequence.Skip(1).Select(_ => new TokenGuess(-1, 1)).ToArray())];
    }

    // Says 7 each time, and is surprised by one nat where it is something else.
    private sealed class Sevens : ITokenPredictor
    {
        public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences) =>
            [.. sequences.Select(sequence => sequence.Skip(1).Select(token => new TokenGuess(7, token == 7 ? 0 : 1)).ToArray())];
    }
}
