namespace Logitscope.World;

/// <summary>One cell of a fact table: the <paramref name="Relation"/> of <paramref name="Subject"/> is
/// <paramref name="Value"/>.</summary>
internal sealed record Fact(Relation Relation, Subject Subject, string Value)
{
    /// <summary>The value as an answer shows it, without "the".</summary>
    public string Label => English.Label(Value);
}
