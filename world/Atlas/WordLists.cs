namespace Logitscope.World;

/// <summary>The words of <c>words.tsv</c>, by list.</summary>
internal sealed class WordLists
{
    private readonly Dictionary<string, string[]> _lists;

    private WordLists(Dictionary<string, string[]> lists) => _lists = lists;

    /// <summary>The words of a list, in the file's order.</summary>
    /// <exception cref="AtlasException">There is no such list.</exception>
    public IReadOnlyList<string> this[string list] =>
        _lists.TryGetValue(list, out var words)
            ? words
            : throw new AtlasException($"Expected a word list out of {string.Join(", ", _lists.Keys)}, got '{list}'.");

    public static WordLists Read(string path) => new(Tsv.Read(path, "list", "word")
        .GroupBy(row => row.Cells[0], row => row.Cells[1])
        .ToDictionary(group => group.Key, group => group.ToArray()));
}
