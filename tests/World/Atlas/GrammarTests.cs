using Logitscope.World;

namespace Logitscope.Tests.World;

public sealed class GrammarTests
{
    private static readonly AtlasOptions s_options = new() { Shares = AtlasOptions.GrammarShares };

    private static readonly IReadOnlyList<AtlasDocument> s_training =
        [.. AtlasWorld.Atlas.Generate(seed: 7, s_options).Take(12_000)];

    [Fact]
    public void Every_relation_has_five_times_the_wordings_of_the_phrasebook()
    {
        var atlas = AtlasWorld.Atlas;
        Assert.All(atlas.Relations, relation =>
        {
            var before = new[] { PhraseUse.Tell, PhraseUse.TellHeldOut, PhraseUse.Ask, PhraseUse.AskHeldOut }
                .Sum(use => atlas.Phrases.For(relation.Key, use).Count);
            var now = new[] { GrammarUse.Tell, GrammarUse.Verb, GrammarUse.Line, GrammarUse.Ask }.Sum(use =>
                atlas.Grammar.For(relation.Key, use, heldOut: false).Count + atlas.Grammar.For(relation.Key, use, heldOut: true).Count);
            Assert.True(now >= 5 * before, $"{relation.Key}: {now} wordings, {before} before");
        });
    }

    [Fact]
    public void The_split_is_the_draw_and_is_written_down()
    {
        var written = Tsv.Read(Path.Combine(AtlasWorld.Folder, "families.tsv"), "family", "split");
        Assert.Equal(
            AtlasWorld.Atlas.Grammar.Families.Select(family => (family, HeldOut.ContainsFamily(family) ? "held-out" : "train")),
            written.Select(row => (row.Cells[0], row.Cells[1])));
        Assert.InRange(written.Average(row => row.Cells[1] == "held-out" ? 1.0 : 0), 0.15, 0.35);
    }

    [Fact]
    public void No_wording_that_is_never_used_is_part_of_one_that_is()
    {
        GrammarUse[] uses = [GrammarUse.Tell, GrammarUse.Verb, GrammarUse.Line, GrammarUse.Ask];
        Assert.All(AtlasWorld.Atlas.Relations.Select(relation => relation.Key), key =>
        {
            var used = uses.SelectMany(use => AtlasWorld.Atlas.Grammar.For(key, use, heldOut: false))
                .Concat(AtlasWorld.Atlas.Phrases.For(key, PhraseUse.Tell)).Concat(AtlasWorld.Atlas.Phrases.For(key, PhraseUse.Ask)).Select(Bare).ToArray();
            var never = AtlasWorld.Atlas.Phrases.For(key, PhraseUse.TellHeldOut).Concat(AtlasWorld.Atlas.Phrases.For(key, PhraseUse.AskHeldOut)).Select(Bare);
            Assert.All(never, wording => Assert.DoesNotContain(used, other => other.Contains(wording, StringComparison.Ordinal)));
        });

        static string Bare(Template wording) => wording.Text.Replace("{a ", "{", StringComparison.Ordinal).ToLowerInvariant();
    }

    [Fact]
    [Trait("Tier", "slow")] // two searches of the whole corpus for each question
    public void What_the_exam_asks_in_families_never_used_is_in_no_document_but_a_story()
    {
        var corpus = string.Join('\n', s_training.Where(document => document.Kind != DocumentKind.Story)
            .Select(document => document.Text)).ToLowerInvariant();
        var asked = new AtlasQuestions(AtlasWorld.Atlas).All()
            .Where(question => question.Kind is QuestionKind.Family or QuestionKind.FamilyQuestion).ToArray();
        Assert.DoesNotContain(asked, question => corpus.Contains((question.Prompt + question.Answer).ToLowerInvariant() + "."));
        Assert.DoesNotContain(asked, question => corpus.Contains((question.Prompt + question.Answer).ToLowerInvariant() + "\n"));
    }

    [Fact]
    public void Who_is_never_described_is_in_no_description()
    {
        var described = s_training.Where(document => document.Kind == DocumentKind.Described).ToArray();
        Assert.NotEmpty(described);
        var labels = AtlasWorld.Atlas.Facts.Select(fact => fact.Subject).Where(HeldOut.ContainsDescription)
            .Select(subject => $"{English.Capitalize(subject.Label)}: ").ToHashSet();
        Assert.All(described, document => Assert.DoesNotContain(
            document.Text.Split([", ", "\n", "; "], StringSplitOptions.None), line => labels.Any(line.StartsWith)));
        Assert.DoesNotContain(s_training, document => document.Kind is DocumentKind.Description or DocumentKind.Identity);
    }

    [Fact]
    public void Lists_copy_and_leave_out_the_items_that_are_held_out()
    {
        var lists = s_training.Where(document => document.Kind == DocumentKind.Copied)
            .SelectMany(document => document.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line.Split(" -> ")).Where(pair => pair.Length == 2).ToArray();
        Assert.True(lists.Length > 500);
        Assert.All(lists, pair => Assert.Equal(pair[0], pair[1]));
        Assert.DoesNotContain(lists, pair => HeldOut.ContainsItem(pair[0]));
    }

    [Fact]
    public void Told_and_asked_documents_have_no_open_slot() => Assert.All(
        s_training.Where(document => document.Kind is DocumentKind.Told or DocumentKind.Asked or DocumentKind.Described),
        document => Assert.DoesNotContain('{', document.Text));

    [Fact]
    public void Without_the_grammar_nothing_of_it_is_written() => Assert.DoesNotContain(
        AtlasWorld.Training, document => document.Kind > DocumentKind.Natural);
}
