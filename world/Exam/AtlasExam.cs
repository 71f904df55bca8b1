namespace Logitscope.World;

/// <summary>What a model knows of the atlas, asked with what its training never showed.</summary>
internal static class AtlasExam
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
        (QuestionKind.TwoHopShuffled, "two hops, the pair never told, another pair's end (a shuffled world)"),
        (QuestionKind.Family, "one hop, in a family of wordings never used"),
        (QuestionKind.FamilyQuestion, "question and answer, in a family of wordings never used"),
        (QuestionKind.Description, "the kind of a subject never described, after three descriptions"),
    ];

    /// <summary>Asks.</summary>
    /// <param name="predictor">Who answers.</param>
    /// <param name="tokenizer">Its tokens.</param>
    /// <param name="questions">What is asked.</param>
    /// <returns>The questions, in their order.</returns>
    public static IReadOnlyList<AnsweredQuestion> Take(
        ITokenPredictor predictor, ModelTokenizer tokenizer, IReadOnlyList<AtlasQuestion> questions)
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
        if (all.Length == 0)
        {
            return [];
        }

        var keys = all.Select(answer => GroupOf(answer.Question)).ToArray();
        var numbers = keys.Distinct().Index().ToDictionary(key => key.Item, key => key.Index);
        double[] right = [.. all.Select(answer => answer.IsRight ? 1.0 : 0)];
        var shares = right.Zip(keys).GroupBy(answer => answer.Second, answer => answer.First)
            .Select(group => group.Average()).ToArray();
        var sample = new Sample(right, [.. keys.Select(key => numbers[key])]);
        return
        [
            new ExamScore(
                name, sample.Share(), all.Length, sample.Groups, keys[0].Kind,
                shares.Average(share => share < 0.1 ? 1.0 : 0), shares.Average(share => share > 0.9 ? 1.0 : 0)),
        ];
    }

    // What questions have in common that decides together whether they are right.
    private static (string Kind, string Name) GroupOf(AtlasQuestion question) => question.Kind switch
    {
        QuestionKind.Identity or QuestionKind.IdentityUnknown => ("answers", question.Answer),
        QuestionKind.Description => ("kinds", question.Relation),
        QuestionKind.TwoHop or QuestionKind.TwoHopSeen or QuestionKind.TwoHopShuffled => ("subjects", question.Fact!.Subject.Name),
        _ => ("wordings", question.Wording),
    };
}

/// <summary>A question, and whether a predictor knew the answer.</summary>
/// <param name="Question">The question.</param>
/// <param name="IsRight">Whether every token of the answer was the most probable one in its place.</param>
internal sealed record AnsweredQuestion(AtlasQuestion Question, bool IsRight);

/// <summary>The share of some questions that was answered right.</summary>
/// <param name="Name">What was asked.</param>
/// <param name="Accuracy">The share, with Wilson's interval over the groups.</param>
/// <param name="Count">How many questions.</param>
/// <param name="Groups">How many groups they are: what is independent of each other.</param>
/// <param name="Kind">What a group has in common.</param>
/// <param name="Unknown">Share of the groups that are right less than one time in ten.</param>
/// <param name="Known">Share of the groups that are right more than nine times in ten.</param>
internal sealed record ExamScore(
    string Name, Interval Accuracy, int Count, int Groups, string Kind, double Unknown, double Known)
{
    /// <summary>Whether a mean hides that most wordings are known or not known.</summary>
    public bool IsBimodal => Kind == "wordings" && Unknown >= 0.05 && Known >= 0.05 && Unknown + Known >= 0.5;
}
