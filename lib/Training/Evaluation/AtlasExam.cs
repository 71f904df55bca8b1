using Logitscope.Datasets.Atlas;
using Logitscope.Metrics;
using Logitscope.Tokenizers;

namespace Logitscope.Training.Evaluation;

/// <summary>What a model knows of the atlas, asked with what its training never showed.</summary>
public static class AtlasExam
{
    private static readonly (QuestionKind Kind, string Name)[] s_names =
    [
        (QuestionKind.Cloze, "one hop, in a wording never used for the fact"),
        (QuestionKind.Paraphrase, "one hop, in a wording never used at all"),
        (QuestionKind.Question, "question and answer, in a wording never used for the fact"),
        (QuestionKind.QuestionParaphrase, "question and answer, in a wording never used at all"),
        (QuestionKind.FewShot, "third of three questions, in a wording never used for the fact"),
        (QuestionKind.Identity, "identity list, of items from other lists"),
        (QuestionKind.IdentityUnknown, "identity list, of items never in a list"),
        (QuestionKind.TwoHop, "two hops, the pair never told"),
        (QuestionKind.TwoHopSeen, "two hops, the pair told"),
    ];

    /// <summary>Asks.</summary>
    /// <param name="predictor">Who answers.</param>
    /// <param name="tokenizer">Its tokens.</param>
    /// <param name="questions">What is asked.</param>
    /// <returns>The questions, in their order.</returns>
    public static IReadOnlyList<AnsweredQuestion> Take(
        ITokenPredictor predictor, Tokenizer tokenizer, IReadOnlyList<AtlasQuestion> questions)
    {
        var answers = questions.Select(question => tokenizer.EncodeToIds(question.Answer)).ToArray();
        var texts = questions.Zip(answers, (question, answer) =>
            (IReadOnlyList<int>)[.. tokenizer.Encode(question.Prompt).Ids, .. answer]).ToArray();
        var guesses = predictor.Predict(texts);
        return
        [
            .. questions.Select((question, i) => new AnsweredQuestion(
                question, guesses[i].TakeLast(answers[i].Count).Select(guess => guess.Top1).SequenceEqual(answers[i]))),
        ];
    }

    /// <summary>The share of right answers by what was asked, and how far the hops of the untold pairs are
    /// known.</summary>
    /// <param name="answered">Questions with answers.</param>
    /// <returns>A row for each kind of question that was asked.</returns>
    public static IReadOnlyList<ExamScore> Scores(IReadOnlyList<AnsweredQuestion> answered)
    {
        var clozes = answered.Where(answer => answer.Question.Kind == QuestionKind.Cloze)
            .ToDictionary(answer => answer.Question.Fact!);
        var pairs = answered.Where(answer => answer.Question.Kind == QuestionKind.TwoHop).ToArray();
        var hops = pairs.SelectMany(pair => new[] { pair.Question.Fact!, pair.Question.Bridge! }).Distinct()
            .Where(clozes.ContainsKey).Select(hop => clozes[hop]);
        var known = pairs.Where(pair => Knows(pair.Question.Fact!) && Knows(pair.Question.Bridge!));
        return
        [
            .. s_names.SelectMany(row => Score(row.Name, answered.Where(answer => answer.Question.Kind == row.Kind))),
            .. Score("the single hops of the pairs never told", hops),
            .. Score("two hops, the pair never told, both hops known", known),
        ];

        bool Knows(Fact fact) => clozes.TryGetValue(fact, out var answer) && answer.IsRight;
    }

    private static IEnumerable<ExamScore> Score(string name, IEnumerable<AnsweredQuestion> answered)
    {
        var all = answered.ToArray();
        return all.Length == 0
            ? []
            : [new ExamScore(name, new Sample([.. all.Select(answer => answer.IsRight ? 1.0 : 0)]).Share(), all.Length)];
    }
}
