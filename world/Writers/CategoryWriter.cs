namespace Logitscope.World;

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
