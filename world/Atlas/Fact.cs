namespace Logitscope.World;

/// <summary>One cell of a fact table: the <paramref name="Relation"/> of <paramref name="Subject"/> is
/// <paramref name="Value"/>.</summary>
internal sealed record Fact(Relation Relation, Subject Subject, string Value)
{
    /// <summary>The value as an answer shows it, without "the".</summary>
    public string Label => English.Label(Value);
}

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

/// <summary>A row of a fact table: something that facts are known about.</summary>
/// <param name="Kind">The table's name: country, company, fruit, ...</param>
/// <param name="Name">As in running text: "the Eiffel Tower", "Poland".</param>
/// <param name="Cells">The values by column; a column without a value for this subject is absent.</param>
internal sealed record Subject(string Kind, string Name, IReadOnlyDictionary<string, string> Cells)
{
    /// <summary>As in lists and headings, without "the": "Eiffel Tower".</summary>
    public string Label => English.Label(Name);

    /// <summary>The value in <paramref name="column"/>, or null where the table has none.</summary>
    public string? this[string column] => Cells.GetValueOrDefault(column);
}

/// <summary>Two facts that make a chain: the value of <paramref name="First"/> is the subject of
/// <paramref name="Second"/>, as in "the CEO of the company that makes the iPhone".</summary>
internal sealed record TwoHop(Fact First, Fact Second)
{
    /// <summary>Both relations, as <c>product.maker/company.founder</c>.</summary>
    public string Key => $"{First.Relation.Key}/{Second.Relation.Key}";
}
