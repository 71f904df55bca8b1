using Logitscope.Datasets.Atlas;

namespace Logitscope.Tests.Datasets;

public class AtlasQuestionsTests
{
    private static readonly IReadOnlyList<AtlasQuestion> s_questions = new AtlasQuestions(AtlasWorld.Atlas).All();

    [Fact]
    public void Every_fact_and_every_pair_is_asked_for()
    {
        var counts = s_questions.CountBy(question => question.Kind).ToDictionary();
        var facts = AtlasWorld.Atlas.Facts.Count;
        Assert.All(
            [QuestionKind.Cloze, QuestionKind.Paraphrase, QuestionKind.Question, QuestionKind.FewShot],
            kind => Assert.Equal(facts, counts[kind]));
        Assert.Equal(AtlasWorld.Atlas.TwoHops.Count, counts[QuestionKind.TwoHop] + counts[QuestionKind.TwoHopSeen]);
        Assert.Equal(200, counts[QuestionKind.Identity]);
    }

    [Fact]
    public void The_same_seed_asks_the_same() =>
        Assert.Equal(s_questions, new AtlasQuestions(AtlasWorld.Atlas).All());

    [Fact]
    public void Prompt_and_answer_join_without_a_doubled_or_missing_space() =>
        Assert.All(s_questions, question =>
        {
            Assert.False(char.IsWhiteSpace(question.Prompt[^1]), question.Prompt);
            Assert.Equal(question.Relation != "x->x;", question.Answer.StartsWith(' '));
            Assert.NotEmpty(question.Answer.Trim());
            Assert.DoesNotContain('{', question.Prompt);
        });

    [Fact]
    public void Every_question_about_a_fact_has_that_fact_as_its_answer()
    {
        var atlas = AtlasWorld.Atlas;
        var clozes = s_questions.Where(question => question.Kind == QuestionKind.Paraphrase).ToArray();
        Assert.All(clozes.Zip(atlas.Facts), pair =>
        {
            Assert.Equal($" {pair.Second.Value}", pair.First.Answer);
            Assert.Contains(pair.Second.Subject.Name, pair.First.Prompt, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public void Unseen_wordings_are_not_in_the_training_corpus()
    {
        var corpus = string.Join('\n', AtlasWorld.Training.Select(document => document.Text)).ToLowerInvariant();
        Assert.DoesNotContain(Texts(QuestionKind.Paraphrase), corpus.Contains);
        Assert.DoesNotContain(Texts(QuestionKind.Question), corpus.Contains);
        Assert.True(Texts(QuestionKind.Cloze).Count(corpus.Contains) > 1000, "the check can find a wording");

        static string[] Texts(QuestionKind kind) => [.. s_questions
            .Where(question => question.Kind == kind)
            .Select(question => question.Prompt[1..].ToLowerInvariant())];
    }

    [Fact]
    public void Items_of_identity_questions_are_in_no_list_of_the_training_corpus()
    {
        var lists = AtlasWorld.Training.Where(document => document.Kind == DocumentKind.Identity)
            .SelectMany(document => document.Text.Split(['\n', ';'], StringSplitOptions.TrimEntries))
            .Select(pair => pair.Split("->")[0].Trim()).ToHashSet();
        Assert.All(
            s_questions.Where(question => question.Kind == QuestionKind.Identity),
            question => Assert.DoesNotContain(question.Answer.Trim(), lists));
    }
}
