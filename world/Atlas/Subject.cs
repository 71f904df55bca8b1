namespace Logitscope.World;

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
