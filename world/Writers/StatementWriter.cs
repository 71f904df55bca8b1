namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Statement"/>.</summary>
internal sealed class StatementWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var facts = random.Sample(atlas.Facts, random.Between(1, 4));
        return string.Join(random.Chance(0.8) ? " " : "\n", facts.Select(fact => wording.Sentence(random, fact)));
    }
}
