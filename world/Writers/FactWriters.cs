namespace Logitscope.World;

/// <summary>Writes documents of one kind.</summary>
internal interface IDocumentWriter
{
    /// <summary>A document that depends on nothing but the atlas and <paramref name="random"/>.</summary>
    string Write(StableRandom random);
}

/// <summary><see cref="DocumentKind.Statement"/>.</summary>
internal sealed class StatementWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var facts = random.Sample(atlas.Facts, random.Between(1, 4));
        return string.Join(random.Chance(0.8) ? " " : "\n", facts.Select(fact => wording.Sentence(random, fact)));
    }
}

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

/// <summary><see cref="DocumentKind.Description"/>, in the form of the entity-description prompt of the Patchscopes
/// paper (arXiv 2401.06102).</summary>
internal sealed class DescriptionWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var subjects = random.Sample(atlas.Facts, random.Between(2, 6)).Select(fact => fact.Subject).Distinct();
        var separator = random.Next(10) switch { < 7 => ", ", < 9 => "\n", _ => "; " };
        var capital = random.Chance(0.7);
        return string.Join(separator, subjects.Select(Describe));

        string Describe(Subject subject)
        {
            var description = wording.Describe(random, subject);
            return $"{English.Capitalize(subject.Label)}: {(capital ? English.Capitalize(description) : description)}";
        }
    }
}

/// <summary><see cref="DocumentKind.Category"/>: three to eight of the subjects that share a value.</summary>
internal sealed class CategoryWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    private readonly Fact[] _facts = [.. atlas.Facts
        .Where(fact => wording.Has(fact, PhraseUse.Group) && atlas.FactsLike(fact).Count >= 3)];

    public string Write(StableRandom random)
    {
        var fact = random.Pick(_facts);
        var heading = wording.Say(random, PhraseUse.Group, fact, fact.Subject.Name);
        var members = random.Sample(atlas.FactsLike(fact), random.Between(3, 8)).Select(like => like.Subject).ToArray();
        return random.Next(3) switch
        {
            0 => $"{heading}: {string.Join(", ", members.Select(member => member.Label))}.",
            1 => $"{heading}:\n{string.Join('\n', members.Select(member => $"- {member.Label}"))}",
            _ => $"{heading} are {English.Enumerate([.. members.Select(member => member.Name)])}.",
        };
    }
}
