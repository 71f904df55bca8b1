namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Reversed"/>, for the facts whose value belongs to one subject only.</summary>
internal sealed class ReversedWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private readonly Fact[] _facts = [.. atlas.Facts
        .Where(fact => wording.Has(fact, PhraseUse.Back) && atlas.FactsLike(fact).Count == 1)];

    public string Write(StableRandom random)
    {
        var fact = random.Pick(_facts);
        var question = English.Capitalize(wording.Say(random, PhraseUse.Back, fact, fact.Subject.Name));
        return QuestionForms.Write(random, atlas.Words, question, fact.Subject.Name);
    }
}
