using System.Security.Cryptography;
using System.Text;
using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasGenerateTests
{
    // Changes with the atlas and the writers, and then on purpose: a trained model belongs to one corpus.
    private const string First500Documents = "aa9a9727073bd97978e0a6527df16cb9cb286924d8324925f23770e41c2de720";

    private static Atlas Atlas => AtlasWorld.Atlas;

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        var text = string.Join('\0', Atlas.Generate(seed: 7).Take(500).Select(document => document.Text));
        Assert.Equal(First500Documents, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(AtlasWorld.Training.Take(500), Atlas.Load(AtlasWorld.Folder).Generate(seed: 7).Take(500));
    }

    [Fact]
    public void Another_seed_gives_other_documents() => Assert.NotEqual(
        Atlas.Generate(seed: 1).Take(20).Select(document => document.Text),
        Atlas.Generate(seed: 2).Take(20).Select(document => document.Text));

    [Fact]
    public void Every_kind_has_its_share_of_the_characters()
    {
        var total = AtlasWorld.Training.Sum(document => document.Text.Length);
        var shares = new AtlasOptions().Shares;
        foreach (var (kind, share) in shares)
        {
            var documents = AtlasWorld.Training.Where(document => document.Kind == kind);
            Assert.Equal(share / shares.Values.Sum(), documents.Sum(document => document.Text.Length) / (double)total, tolerance: 0.001);
        }
    }

    [Fact]
    public void Natural_text_has_its_share_and_the_corpus_ends_with_it()
    {
        var natural = Enumerable.Range(0, 200).Select(i => $"{i} " + new string('n', 990));
        var corpus = Atlas.Generate(seed: 3, new AtlasOptions { NaturalShare = 0.4 }, natural).ToArray();
        Assert.Equal(200, corpus.Count(document => document.Kind == DocumentKind.Natural));
        var naturalCharacters = corpus.Sum(d => d.Kind == DocumentKind.Natural ? d.Text.Length : 0);
        Assert.Equal(0.4, naturalCharacters / (double)corpus.Sum(d => d.Text.Length), tolerance: 0.01);
    }

    [Fact]
    public void Only_the_kinds_that_are_asked_for_are_written()
    {
        var options = new AtlasOptions
        {
            Shares = new Dictionary<DocumentKind, double> { [DocumentKind.Story] = 2, [DocumentKind.Identity] = 2 },
        };
        var kinds = Atlas.Generate(seed: 3, options).Take(50).Select(document => document.Kind).ToHashSet();
        Assert.Equal([DocumentKind.Identity, DocumentKind.Story], kinds.Order());
    }

    [Fact]
    public void Training_and_held_out_documents_are_disjoint_whatever_the_seed()
    {
        var heldOut = Atlas.Generate(seed: 7, new AtlasOptions { Split = DocumentSplit.HeldOut }).Take(2_000)
            .Select(document => document.Text).ToHashSet();
        Assert.DoesNotContain(AtlasWorld.Training, document => heldOut.Contains(document.Text));
        Assert.All(heldOut, text => Assert.True(HeldOut.Contains(text)));
    }

    [Fact]
    [Trait("Tier", "slow")] // a search of the whole corpus for each pair
    public void No_training_document_states_a_held_out_pair_of_hops()
    {
        var options = new AtlasOptions { Shares = new Dictionary<DocumentKind, double> { [DocumentKind.TwoHop] = 1 } };
        var corpus = string.Join('\n', Atlas.Generate(seed: 9, options).Take(20_000).Concat(AtlasWorld.Training)
            .Select(document => document.Text)).ToLowerInvariant();
        Assert.DoesNotContain(Texts(QuestionKind.TwoHop), corpus.Contains);
        var seen = Texts(QuestionKind.TwoHopSeen);
        Assert.True(seen.Count(corpus.Contains) > seen.Length / 2, "the check can find a pair that is there");

        // Without the first letter, which is a capital only where the sentence has no frame.
        static string[] Texts(QuestionKind kind) => [.. new AtlasQuestions(Atlas).All()
            .Where(question => question.Kind == kind)
            .Select(question => (question.Prompt[1..] + question.Answer).ToLowerInvariant())];
    }

    [Fact]
    public void Identity_lists_of_the_training_corpus_hold_no_item_that_is_held_out()
    {
        var lists = AtlasWorld.Training.Where(document => document.Kind == DocumentKind.Identity).ToArray();
        Assert.All(lists, list =>
        {
            var pairs = list.Text.Split(['\n', ';']).Select(pair => pair.Split("->", StringSplitOptions.TrimEntries));
            Assert.All(pairs, pair => Assert.True(pair is [var item, var same] && item == same, list.Text));
            Assert.All(pairs, pair => Assert.False(HeldOut.ContainsItem(pair[0]), list.Text));
        });
        Assert.Contains(lists, list => list.Text.Contains('\n'));
        Assert.Contains(lists, list => list.Text.Contains(';'));
    }

    [Fact]
    public void No_slot_is_left_unfilled_and_no_text_has_loose_spaces() =>
        Assert.All(AtlasWorld.Training, document =>
        {
            Assert.DoesNotContain('{', document.Text);
            Assert.DoesNotContain("  ", document.Text);
            Assert.Equal(document.Text.Trim(), document.Text);
        });

    [Fact]
    public void Few_shot_questions_have_the_form_of_the_prompts_they_are_for() =>
        Assert.Contains(AtlasWorld.Training, document => System.Text.RegularExpressions.Regex.IsMatch(
            document.Text, @"^Q: What is the capital of \w+\?\nA: \w+\nQ: What is the capital of \w+\?\nA: \w+"));

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_share_of_natural_text_outside_its_range_is_refused(double share) =>
        Assert.Throws<AtlasException>(() => Atlas.Generate(1, new AtlasOptions { NaturalShare = share }).First());

    [Theory]
    [InlineData(nameof(DocumentKind.Story), 0)]
    [InlineData(nameof(DocumentKind.Story), double.PositiveInfinity)]
    [InlineData(nameof(DocumentKind.Natural), 1)]
    public void A_share_that_cannot_be_kept_is_refused(string kind, double share) =>
        Assert.Throws<AtlasException>(() => Atlas.Generate(
            1, new AtlasOptions { Shares = new Dictionary<DocumentKind, double> { [Enum.Parse<DocumentKind>(kind)] = share } }).First());
}
