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

/// <summary>The stories of <c>stories.tsv</c>: each a row of beats, each beat told in one of several ways.</summary>
internal sealed class StoryBook
{
    private StoryBook(IReadOnlyList<IReadOnlyList<IReadOnlyList<Template>>> stories) => Stories = stories;

    /// <summary>Stories, their beats in order, and the ways to tell a beat.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<Template>>> Stories { get; }

    public static StoryBook Read(string path) => new([.. Tsv.Read(path, "story", "beat", "text")
        .GroupBy(row => row.Cells[0])
        .Select(story => story
            .GroupBy(row => row.Cells[1], row => Template.Parse(row.Cells[2], row.Where))
            .Select(beat => beat.ToArray())
            .ToArray())]);
}
