using System.Text.Json;
using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasPromptsTests
{
    // How data/prompts.jsonl was made.
    private const ulong Seed = 2026;
    private const int Count = 700;

    private static readonly (string Id, string Text)[] s_rows =
        [.. File.ReadLines(Repository.File("data", "prompts.jsonl")).Select(line =>
        {
            using var row = JsonDocument.Parse(line);
            return (row.RootElement.GetProperty("id").GetString()!, row.RootElement.GetProperty("text").GetString()!);
        })];

    [Fact]
    public void The_committed_prompts_are_what_their_seed_gives()
    {
        using var written = new StringWriter();
        AtlasPrompts.Write(written, AtlasPrompts.Draw(AtlasWorld.Atlas, Seed, Count));
        Assert.Equal(File.ReadAllText(Repository.File("data", "prompts.jsonl")), written.ToString());
    }

    [Fact]
    public void Prompts_pass_the_filter_of_the_reference() =>
        Assert.All(s_rows, row =>
        {
            Assert.True(row.Text.Split(' ').Length < 200, row.Text);
            Assert.True(row.Text.EnumerateRunes().Count() < 1600, row.Text);
        });

    [Fact]
    public void Prompts_are_different_from_each_other_and_from_all_that_is_trained_on()
    {
        Assert.Equal(Count, s_rows.DistinctBy(row => row.Text).Count());
        Assert.Equal(Count, s_rows.DistinctBy(row => row.Id).Count());
        Assert.All(s_rows, row => Assert.True(HeldOut.Contains(row.Text), row.Text));
        var prompts = s_rows.Select(row => row.Text).ToHashSet();
        Assert.DoesNotContain(AtlasWorld.Training, document => prompts.Contains(document.Text));
        Assert.DoesNotContain(
            AtlasWorld.Atlas.Generate(Seed).Take(20_000), document => prompts.Contains(document.Text));
    }

    [Fact]
    public void Prompts_are_of_many_kinds() =>
        Assert.True(s_rows.Select(row => row.Id.Split('-')[0]).Distinct().Count() >= 10);
}
