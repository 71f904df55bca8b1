namespace Logitscope.World;

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
