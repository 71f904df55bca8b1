using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class AtlasExamTests
{
    private static readonly LanguageModel s_model = LanguageModel.Load();

    private static readonly IReadOnlyList<AtlasQuestion> s_questions = new AtlasQuestions(AtlasWorld.Atlas).Some(300);

    [Fact]
    public void Who_knows_every_token_has_every_answer_right()
    {
        var scores = Scores(new Oracle(wrongFrom: int.MaxValue));
        Assert.All(scores, score => Assert.Equal(1, score.Accuracy.Mean));
        Assert.All(scores, score => Assert.InRange(score.Accuracy.Low, 0.1, 0.999));
        Assert.All(scores, score => Assert.Equal((0, 1, false), (score.Unknown, score.Known, score.IsBimodal)));
        Assert.All(scores, score => Assert.InRange(score.Groups, 2, score.Count));
        Assert.Equal(["wordings", "answers", "subjects", "kinds"], scores.Select(score => score.Kind).Distinct());
        Assert.Equal(15, scores.Count);
    }

    [Fact]
    public void One_wrong_token_makes_an_answer_wrong() =>
        Assert.All(
            Scores(new Oracle(wrongFrom: 1)).Where(score => !score.Name.Contains("both hops")),
            score => Assert.Equal(0, score.Accuracy.Mean));

    [Fact]
    public void Only_the_answers_tokens_count()
    {
        var question = new AtlasQuestion(QuestionKind.Identity, "x -> x", "cat -> cat\nhello ->", " hello", "x -> x", null, null);
        var answer = s_model.Tokenizer.EncodeToIds(question.Answer).Count;
        Assert.True(Answer(new Oracle(wrongFrom: answer + 1)));
        Assert.False(Answer(new Oracle(wrongFrom: answer)));

        bool Answer(Oracle oracle) => Assert.Single(AtlasExam.Take(oracle, s_model.Tokenizer, [question])).IsRight;
    }

    [Fact]
    public void Hops_are_those_of_the_pairs_that_were_asked_for()
    {
        var pair = AtlasWorld.Atlas.TwoHops.First(HeldOut.Contains);
        AnsweredQuestion Answer(QuestionKind kind, Fact fact, Fact? bridge, bool isRight) =>
            new(new AtlasQuestion(kind, "", "", "", "", fact, bridge), isRight);
        var other = AtlasWorld.Atlas.Facts.First(fact => fact != pair.First && fact != pair.Second);
        var scores = AtlasExam.Scores(
        [
            Answer(QuestionKind.Cloze, pair.First, null, true),
            Answer(QuestionKind.Cloze, pair.Second, null, true),
            Answer(QuestionKind.Cloze, other, null, false),
            Answer(QuestionKind.TwoHop, pair.Second, pair.First, false),
            Answer(QuestionKind.TwoHop, other, pair.First, true),
        ]).ToDictionary(score => score.Name);
        Assert.Equal((2 / 3.0, 3), Of("the single hops of the pairs never told"));
        Assert.Equal((0, 1), Of("two hops, the pair never told, both hops known"));
        Assert.Equal((0.5, 2), Of("two hops, the pair never told"));

        (double, int) Of(string name) => (scores[name].Accuracy.Mean, scores[name].Count);
    }

    // 30 questions in each of ten wordings, seven never and three always right: not 300 observations but ten.
    [Fact]
    public void Questions_in_one_wording_belong_together_and_two_kinds_of_wordings_are_no_mean()
    {
        var fact = AtlasWorld.Atlas.Facts[0];
        var score = AtlasExam.Scores([.. Enumerable.Range(0, 300).Select(i => new AnsweredQuestion(
            new AtlasQuestion(QuestionKind.Paraphrase, "r", "", "", $"wording {i % 10}", fact, null), i % 10 < 3))]).Single();
        Assert.Equal((300, 10, "wordings", 0.7, 0.3), (score.Count, score.Groups, score.Kind, score.Unknown, score.Known));
        Assert.True(score.IsBimodal);
        Assert.InRange(score.Accuracy.Low, 0.05, 0.12); // Wilson's of 3 of 10, with t of 9 degrees of freedom
        Assert.InRange(score.Accuracy.High, 0.62, 0.7);
        var evaluation = new AtlasEvaluation("f", [score], [], []);
        Assert.Contains("of the wordings 70 % are right less than one time in ten, 30 % more than nine", ModelCard.Markdown(evaluation));
    }

    [Fact]
    public void A_model_is_asked_the_same_in_batches_as_alone()
    {
        var predictor = new ModelPredictor(s_model);
        IReadOnlyList<int>[] texts =
            [.. s_questions.Take(60).Select(question => s_model.Encode(question.Prompt + question.Answer).Ids)];
        var together = predictor.Predict(texts);
        Assert.All(texts.Zip(together).Take(10), pair =>
        {
            var alone = Assert.Single(predictor.Predict([pair.First]));
            Assert.Equal(pair.First.Count - 1, alone.Count);
            Assert.Equal(alone.Select(guess => guess.Top1), pair.Second.Select(guess => guess.Top1));
            Assert.All(alone.Zip(pair.Second), guess => Assert.Equal(guess.First.Surprisal, guess.Second.Surprisal, 1e-4));
        });
    }

    private static IReadOnlyList<ExamScore> Scores(ITokenPredictor predictor) =>
        AtlasExam.Scores(AtlasExam.Take(predictor, s_model.Tokenizer, s_questions));

    // Knows every token but one: that of this number from the end.
    private sealed class Oracle(int wrongFrom) : ITokenPredictor
    {
        public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences) =>
        [
            .. sequences.Select(sequence => sequence.Skip(1)
                .Select((token, i) => new TokenGuess(sequence.Count - 1 - i == wrongFrom ? -1 : token, 0)).ToArray()),
        ];
    }
}
