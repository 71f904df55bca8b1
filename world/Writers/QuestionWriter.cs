namespace Logitscope.World;

/// <summary><see cref="DocumentKind.Question"/>.</summary>
internal sealed class QuestionWriter(Atlas atlas, Wording wording) : IDocumentWriter
{
    public string Write(StableRandom random)
    {
        var fact = random.Pick(atlas.Facts);
        return QuestionForms.Write(random, atlas.Words, wording.Question(random, fact), fact.Value);
    }
}
