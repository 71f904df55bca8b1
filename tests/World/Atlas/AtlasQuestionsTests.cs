using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasQuestionsTests
{
    private static readonly IReadOnlyList<AtlasQuestion> s_questions = new AtlasQuestions(AtlasWorld.Atlas).All();

    [Fact]
    public void Every_fact_and_every_pair_is_asked_for()
    {
        var counts = s_questions.CountBy(question => question.Kind).ToDictionary();
        var facts = AtlasWorld.Atlas.Facts.Count;
        Assert.InRange(counts[QuestionKind.Cloze], 0.9 * facts, facts);
        Assert.All(
            [
                QuestionKind.Paraphrase, QuestionKind.Question, QuestionKind.QuestionParaphrase,
                QuestionKind.FewShot,
            ],
            kind => Assert.Equal(facts, counts[kind]));
        Assert.Equal(AtlasWorld.Atlas.TwoHops.Count, counts[QuestionKind.TwoHop] + counts[QuestionKind.TwoHopSeen]);
        Assert.Equal(facts, counts[QuestionKind.FamilyQuestion]);
        Assert.InRange(counts[QuestionKind.Family], 0.9 * facts, facts);
        Assert.Equal((400, 400), (counts[QuestionKind.Identity], counts[QuestionKind.IdentityUnknown]));
    }

    [Fact]
    public void Some_questions_are_of_every_kind_and_of_many_relations()
    {
        var some = new AtlasQuestions(AtlasWorld.Atlas).Some(150);
        Assert.All(some.CountBy(question => question.Kind), kind => Assert.Equal(150, kind.Value));
        Assert.Equal(Enum.GetValues<QuestionKind>(), some.Select(question => question.Kind).Distinct().Order());
        Assert.Subset(s_questions.ToHashSet(), some.ToHashSet());
        var clozes = some.Where(question => question.Kind == QuestionKind.Cloze).ToArray();
        Assert.Equal(150, clozes.Distinct().Count());
        Assert.True(clozes.DistinctBy(question => question.Relation).Count() > 20);
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

    [Theory]
    [InlineData(nameof(QuestionKind.Cloze))]
    [InlineData(nameof(QuestionKind.Paraphrase))]
    [InlineData(nameof(QuestionKind.Question))]
    [InlineData(nameof(QuestionKind.QuestionParaphrase))]
    public void Held_out_wordings_are_in_no_training_document_but_a_story(string kind)
    {
        var corpus = string.Join('\n', AtlasWorld.Training
            .Where(document => document.Kind != DocumentKind.Story)
            .Select(document => document.Text)).ToLowerInvariant();
        var asked = s_questions.Where(question => question.Kind == Enum.Parse<QuestionKind>(kind))
            .Select(question => (question.Prompt + question.Answer).ToLowerInvariant()).ToArray();
        Assert.NotEmpty(asked);
        Assert.DoesNotContain(asked, text => ".,?\"\n".Any(end => corpus.Contains(text + end)));
    }

    [Fact]
    public void The_wording_held_out_for_one_fact_is_in_the_corpus_with_others()
    {
        var corpus = string.Join('\n', AtlasWorld.Training.Select(document => document.Text)).ToLowerInvariant();
        var wording = new Wording(AtlasWorld.Atlas);
        var facts = AtlasWorld.Atlas.Facts;
        var told = facts.Count(fact => corpus.Contains(Told(fact, facts)));
        Assert.InRange(told, facts.Count / 2, facts.Count);

        // The held-out phrase of a fact, with another fact of its relation.
        string Told(Fact fact, IReadOnlyList<Fact> all)
        {
            var phrase = wording.HeldOutPhrase(PhraseUse.Tell, fact);
            var other = all.First(other => other.Relation == fact.Relation
                && wording.Phrases(PhraseUse.Tell, other).Contains(phrase));
            return wording.Fill(phrase, other, other.Subject.Name, other.Value).ToLowerInvariant();
        }
    }

    [Fact]
    public void Unknown_items_of_identity_questions_are_in_no_list_of_the_training_corpus_and_known_ones_are()
    {
        var lists = AtlasWorld.Training.Where(document => document.Kind == DocumentKind.Identity)
            .SelectMany(document => document.Text.Split(['\n', ';'], StringSplitOptions.TrimEntries))
            .Select(pair => pair.Split("->")[0].Trim()).ToHashSet();
        Assert.All(
            s_questions.Where(question => question.Kind == QuestionKind.IdentityUnknown),
            question => Assert.DoesNotContain(question.Answer.Trim(), lists));
        var known = s_questions.Where(question => question.Kind == QuestionKind.Identity).ToArray();
        Assert.True(known.Count(question => lists.Contains(question.Answer.Trim())) > known.Length / 2);
        Assert.DoesNotContain(
            AtlasWorld.Training, document => known.Any(question => question.Prompt + question.Answer == document.Text));
    }
}
