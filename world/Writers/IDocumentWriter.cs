namespace Logitscope.World;

/// <summary>Writes documents of one kind.</summary>
internal interface IDocumentWriter
{
    /// <summary>A document that depends on nothing but the atlas and <paramref name="random"/>.</summary>
    string Write(StableRandom random);
}
