namespace Logitscope.World;

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
