using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasFactsTests
{
    private static Atlas Atlas => AtlasWorld.Atlas;

    [Fact]
    public void There_are_at_least_12_relations_and_800_facts()
    {
        Assert.True(Atlas.Relations.Count() >= 12, $"{Atlas.Relations.Count()} relations");
        Assert.True(Atlas.Facts.Count >= 800, $"{Atlas.Facts.Count} facts");
        Assert.All(Atlas.Relations, relation => Assert.True(Atlas.FactsIn(relation).Count >= 20, relation.Key));
    }

    [Fact]
    public void The_tables_are_plain_text_without_a_blank_or_doubled_cell()
    {
        foreach (var path in Directory.GetFiles(Path.Combine(AtlasWorld.Folder, "facts")))
        {
            var rows = File.ReadAllLines(path).Select(line => line.Split('\t')).ToArray();
            Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
            Assert.All(rows.SelectMany(row => row), cell => Assert.Matches("^[!-~]+( [!-~]+)*$", cell));
            Assert.Equal(rows.Length, rows.DistinctBy(row => row[0]).Count());
        }
    }

    [Fact]
    public void No_subject_occurs_twice_in_a_relation() =>
        Assert.All(Atlas.Relations, relation => Assert.Distinct(
            Atlas.FactsIn(relation).Select(fact => fact.Subject.Name)));

    [Theory]
    [InlineData("country.capital", "Poland", "Warsaw")]
    [InlineData("country.capital", "Somalia", "Mogadishu")]
    [InlineData("company.chief_executive", "Microsoft", "Satya Nadella")]
    [InlineData("product.maker", "the Walkman", "Sony")]
    [InlineData("substance.phase", "mercury", "liquid")]
    public void Known_facts_are_there(string relation, string subject, string value) =>
        Assert.Contains(Atlas.Facts, fact =>
            fact.Relation.Key == relation && fact.Subject.Name == subject && fact.Value == value);

    [Fact]
    public void Every_relation_is_told_in_at_least_five_ways_and_none_of_them_is_held_out()
    {
        foreach (var relation in Atlas.Relations)
        {
            var told = Texts(relation.Key, "tell");
            Assert.True(told.Distinct().Count() >= 5 || relation.Key is "work.type" or "landmark.type", relation.Key);
            Assert.Empty(told.Intersect(Texts(relation.Key, "tell-heldout")));
            Assert.Empty(Texts(relation.Key, "ask").Intersect(Texts(relation.Key, "ask-heldout")));
        }
    }

    [Fact]
    public void A_path_of_columns_leads_from_table_to_table()
    {
        var hamlet = Atlas.SubjectsOf("work").Single(work => work.Name == "Hamlet");
        Assert.Equal("British", Atlas.Value(hamlet, "creator.country.adjective"));
        Assert.Null(Atlas.Value(hamlet, "creator.instrument"));
    }

    [Fact]
    public void Two_hop_pairs_are_all_chains_of_two_facts()
    {
        Assert.All(Atlas.TwoHops, pair => Assert.Equal(pair.First.Value, pair.Second.Subject.Name));
        Assert.Distinct(Atlas.TwoHops.Select(pair => $"{pair.Key} {pair.First.Subject.Name}"));
        var held = Atlas.TwoHops.Count(HeldOut.Contains);
        Assert.InRange((double)held / Atlas.TwoHops.Count, 0.45, 0.55);
    }

    private static string[] Texts(string relation, string use) =>
        [.. File.ReadLines(Path.Combine(AtlasWorld.Folder, "phrases.tsv")).Select(line => line.Split('\t'))
            .Where(row => row[0] == relation && row[1] == use).Select(row => row[2])];
}
