namespace Logitscope.World;

/// <summary>Two facts that make a chain: the value of <paramref name="First"/> is the subject of
/// <paramref name="Second"/>, as in "the CEO of the company that makes the iPhone".</summary>
internal sealed record TwoHop(Fact First, Fact Second)
{
    /// <summary>Both relations, as <c>product.maker/company.founder</c>.</summary>
    public string Key => $"{First.Relation.Key}/{Second.Relation.Key}";
}
