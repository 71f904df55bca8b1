namespace Logitscope.World;

/// <summary>A column of a fact table that states facts.</summary>
/// <param name="Kind">The table: country, company, fruit, ...</param>
/// <param name="Column">The column: capital, founder, ...</param>
/// <param name="Target">The table whose subjects the values are, or null where the values are plain words. Such a
/// relation can be the first hop of a two-hop question.</param>
internal sealed record Relation(string Kind, string Column, string? Target)
{
    /// <summary>Kind and column, as <c>country.capital</c>: the name under which phrases and scores are kept.</summary>
    public string Key => $"{Kind}.{Column}";
}
