namespace Logitscope.World;

/// <summary>One file of <c>facts/</c>. The first column names the subjects, and its heading is the file's name. Of the
/// other headings, <c>maker>company</c> says that the values are subjects of company.tsv, and <c>(adjective)</c> that
/// the column serves the wording and states no facts. A dash means that the subject has no such fact.</summary>
internal sealed class FactTable
{
    private const string None = "-";
    private readonly Dictionary<string, Subject> _byName;

    private FactTable(string kind, IReadOnlyList<Relation> relations, IReadOnlyList<Subject> subjects) =>
        (Kind, Relations, Subjects, _byName) = (kind, relations, subjects, subjects.ToDictionary(s => s.Name));

    public string Kind { get; }

    public IReadOnlyList<Relation> Relations { get; }

    public IReadOnlyList<Subject> Subjects { get; }

    public Subject? Find(string name) => _byName.GetValueOrDefault(name);

    /// <exception cref="AtlasException">The table is not as the summary says, or names a subject twice.</exception>
    public static FactTable Read(string path)
    {
        var (header, rows) = Tsv.Read(path);
        var kind = Path.GetFileNameWithoutExtension(path);
        if (header[0] != kind)
        {
            throw new AtlasException($"{path}: expected the first column to be called '{kind}', got '{header[0]}'.");
        }

        var columns = header.Select(heading => heading.Trim('(', ')').Split('>')).ToArray();
        var relations = Enumerable.Range(1, header.Length - 1)
            .Where(i => !header[i].StartsWith('('))
            .Select(i => new Relation(kind, columns[i][0], columns[i].Length > 1 ? columns[i][1] : null))
            .ToArray();

        var seen = new HashSet<string>();
        foreach (var row in rows.Where(row => !seen.Add(row.Cells[0])))
        {
            throw new AtlasException($"{row.Where}: expected each {kind} once, got '{row.Cells[0]}' again.");
        }

        return new FactTable(kind, relations, [.. rows.Select(ToSubject)]);

        Subject ToSubject(Tsv.Row row) => new(kind, row.Cells[0], Enumerable.Range(1, header.Length - 1)
            .Where(i => row.Cells[i] != None)
            .ToDictionary(i => columns[i][0], i => row.Cells[i]));
    }
}
