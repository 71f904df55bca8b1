namespace Logitscope.World;

/// <summary><see cref="DocumentKind.FewShot"/>: mostly of one relation, which the last answer can be guessed
/// from.</summary>
internal sealed class FewShotWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private const double MixedChance = 0.15;

    public string Write(StableRandom random)
    {
        var count = random.Between(2, 7);
        if (random.Chance(MixedChance))
        {
            return Questions(random, random.Sample(atlas.Facts, count), fact => wording.Question(random, fact));
        }

        var relation = random.Pick(atlas.Facts).Relation;
        if (random.Chance(0.25))
        {
            var pairs = random.Sample(atlas.FactsIn(relation), count);
            return string.Join('\n', pairs.Select(fact => $"{fact.Subject.Label}: {fact.Label}"));
        }

        var question = random.Pick(atlas.Phrases.For(relation.Key, PhraseUse.Ask));
        var facts = atlas.FactsIn(relation).Where(fact => wording.Phrases(PhraseUse.Ask, fact).Contains(question));
        return Questions(random, random.Sample([.. facts], count), fact => Ask(question, fact));
    }

    private string Ask(Template question, Fact fact) =>
        English.Capitalize(wording.Fill(question, fact, fact.Subject.Name, fact.Value));

    private static string Questions(StableRandom random, IReadOnlyList<Fact> facts, Func<Fact, string> ask)
    {
        var form = random.Next(10);
        return string.Join('\n', facts.Select(fact => form switch
        {
            < 7 => $"Q: {ask(fact)}\nA: {fact.Label}",
            < 9 => $"Question: {ask(fact)}\nAnswer: {fact.Label}",
            _ => $"{ask(fact)} {English.Capitalize(fact.Value)}.",
        }));
    }
}
