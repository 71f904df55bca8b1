namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Passage"/>. One in four ends with a question that the passage has just
/// answered.</summary>
internal sealed class PassageWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private const double QuestionChance = 0.25;

    // A subject with many facts is in here often, so that every fact has the same chance.
    private readonly Subject[] _subjects =
        [.. atlas.Facts.Select(fact => fact.Subject).Where(subject => Followers(atlas, wording, subject).Length > 1)];

    public string Write(StableRandom random)
    {
        var subject = random.Pick(_subjects);
        var facts = random.Shuffled(Followers(atlas, wording, subject));
        var told = facts.Take(random.Between(2, facts.Count)).ToArray();
        var sentences = told.Skip(1)
            .Select(fact => English.Sentence(wording.Say(random, PhraseUse.More, fact, subject.Name)))
            .Prepend(wording.Sentence(random, told[0]));
        var text = string.Join(' ', sentences);
        if (!random.Chance(QuestionChance))
        {
            return text;
        }

        var asked = random.Pick(told);
        return $"{text}\n{QuestionForms.Write(random, atlas.Words, wording.Question(random, asked), asked.Value)}";
    }

    private static Fact[] Followers(Atlas atlas, Wording wording, Subject subject) =>
        [.. atlas.FactsAbout(subject).Where(fact => wording.Has(fact, PhraseUse.More))];
}
