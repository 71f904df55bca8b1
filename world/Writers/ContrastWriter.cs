namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Contrast"/>.</summary>
internal sealed class ContrastWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var fact = random.Pick(atlas.Facts);
        var others = atlas.FactsIn(fact.Relation).Where(other => other.Value != fact.Value).ToArray();
        var other = random.Pick(others);
        return random.Next(10) switch
        {
            < 3 => Both(random, fact, other),
            < 5 => Same(random, fact) ?? Both(random, fact, other),
            < 7 => $"It is not true that {Wrong(random, fact, other)}. {Right(random, fact)}",
            < 9 => $"Is it true that {Wrong(random, fact, other)}? No, {wording.Clause(random, fact)}.",
            _ => $"Is it true that {wording.Clause(random, fact)}? Yes, {wording.Clause(random, fact)}.",
        };
    }

    private string Both(StableRandom random, Fact fact, Fact other)
    {
        var phrases = wording.Phrases(PhraseUse.Tell, fact).Intersect(wording.Phrases(PhraseUse.Tell, other));
        var phrase = random.Pick([.. phrases]);
        var link = random.Chance(0.5) ? ", but " : ", while ";
        var (left, right) = (Fill(phrase, fact), Fill(phrase, other));
        return English.Sentence($"{left}{link}{right}");
    }

    private string? Same(StableRandom random, Fact fact)
    {
        var alike = atlas.FactsLike(fact).Where(other => other != fact).ToArray();
        if (alike.Length == 0)
        {
            return null;
        }

        var (left, right) = (wording.Noun(random, fact), wording.Noun(random, random.Pick(alike)));
        return English.Sentence($"{left} is the same as {right}: {fact.Label}");
    }

    private string Wrong(StableRandom random, Fact fact, Fact other) =>
        wording.Fill(random.Pick(wording.Phrases(PhraseUse.Tell, fact)), fact, fact.Subject.Name, other.Value);

    private string Right(StableRandom random, Fact fact) => English.Sentence(wording.Clause(random, fact));

    private string Fill(Template phrase, Fact fact) => wording.Fill(phrase, fact, fact.Subject.Name, fact.Value);
}
