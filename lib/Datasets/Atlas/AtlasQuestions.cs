using Logitscope.Datasets.Atlas.Writers;

namespace Logitscope.Datasets.Atlas;

/// <summary>Asks what a model trained on the corpus of <paramref name="atlas"/> should know.</summary>
public sealed class AtlasQuestions(Atlas atlas)
{
    private const int IdentityLists = 200;
    private readonly Wording _wording = new(atlas);
    private readonly IdentityWriter _identity = new(atlas);

    private readonly record struct Item(string Relation, string Prompt, string Answer);

    /// <summary>Every question: each fact in four ways, 200 identity lists, and every two-hop pair. The order and the
    /// wording depend on the atlas and <paramref name="seed"/> only.</summary>
    public IReadOnlyList<AtlasQuestion> All(ulong seed = 0)
    {
        return
        [
            .. Each(QuestionKind.Cloze, atlas.Facts, (random, fact) => Tell(random, PhraseUse.Tell, fact)),
            .. Each(QuestionKind.Paraphrase, atlas.Facts, (random, fact) => Tell(random, PhraseUse.TellHeldOut, fact)),
            .. Each(QuestionKind.Question, atlas.Facts, Ask),
            .. Each(QuestionKind.FewShot, atlas.Facts, FewShot),
            .. Each(QuestionKind.Identity, Enumerable.Range(0, IdentityLists), (random, _) => Identity(random)),
            .. Each(QuestionKind.TwoHop, atlas.TwoHops.Where(HeldOut.Contains), Chain),
            .. Each(QuestionKind.TwoHopSeen, atlas.TwoHops.Where(pair => !HeldOut.Contains(pair)), Chain),
        ];

        IEnumerable<AtlasQuestion> Each<T>(QuestionKind kind, IEnumerable<T> items, Func<StableRandom, T, Item> ask) =>
            items.Select((item, i) => ask(new StableRandom(StableHash.Of($"{seed}/{kind}/{i}")), item))
                .Select(item => new AtlasQuestion(kind, item.Relation, item.Prompt, item.Answer));
    }

    private Item Tell(StableRandom random, PhraseUse use, Fact fact) =>
        Cloze(random, use, fact, fact.Relation.Key, fact.Subject.Name);

    private Item Chain(StableRandom random, TwoHop pair) =>
        Cloze(random, PhraseUse.Tell, pair.Second, pair.Key, _wording.Noun(random, pair.First));

    // A clause that ends with the value, cut off before it.
    private Item Cloze(StableRandom random, PhraseUse use, Fact fact, string relation, string subject)
    {
        var phrases = atlas.Phrases.For(fact.Relation.Key, use).Where(phrase => phrase.EndsWith("o")).ToArray();
        var clause = _wording.Fill(random.Pick(phrases), fact, subject, fact.Value);
        return new(relation, English.Capitalize(clause[..^(fact.Value.Length + 1)]), $" {fact.Value}");
    }

    private Item Ask(StableRandom random, Fact fact)
    {
        var phrase = random.Pick(atlas.Phrases.For(fact.Relation.Key, PhraseUse.AskHeldOut));
        return new(fact.Relation.Key, Open(phrase, fact), $" {fact.Label}");
    }

    private Item FewShot(StableRandom random, Fact fact)
    {
        var shots = random.Sample([.. atlas.FactsIn(fact.Relation).Where(other => other != fact)], 2);
        var phrase = random.Pick(atlas.Phrases.For(fact.Relation.Key, PhraseUse.Ask));
        var prompt = shots.Select(shot => $"{Open(phrase, shot)} {shot.Label}").Append(Open(phrase, fact));
        return new(fact.Relation.Key, string.Join('\n', prompt), $" {fact.Label}");
    }

    // The question without its answer.
    private string Open(Template question, Fact fact) =>
        $"Q: {English.Capitalize(_wording.Fill(question, fact, fact.Subject.Name, fact.Value))}\nA:";

    private Item Identity(StableRandom random)
    {
        var items = _identity.Draw(random, 4, heldOut: true);
        var (form, arrow, separator) = random.Chance(0.5) ? ("x -> x", " -> ", "\n") : ("x->x;", "->", ";");
        var text = IdentityWriter.List(items, arrow, separator);
        var answer = arrow.EndsWith(' ') ? $" {items[^1]}" : items[^1];
        return new(form, text[..^answer.Length], answer);
    }
}
