namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Blank"/>: "? is the capital of Poland. Answer: Warsaw". The subject is asked for
/// only where it is the only one with that value.</summary>
internal sealed class BlankWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private const string Blank = "?";

    public string Write(StableRandom random)
    {
        var fact = random.Pick(atlas.Facts);
        var phrase = random.Pick(wording.Phrases(PhraseUse.Tell, fact));
        var askSubject = random.Chance(0.5) && atlas.FactsLike(fact).Count == 1;
        var clause = askSubject
            ? wording.Fill(phrase, fact, Blank, fact.Value)
            : wording.Fill(phrase, fact, fact.Subject.Name, Blank);
        var answer = askSubject ? fact.Subject.Label : fact.Label;
        return $"{English.Capitalize(clause)}. {random.Pick(["Answer", "The missing word"])}: {answer}";
    }
}
