using Logitscope.Tests.Models;

namespace Logitscope.Tests.Datasets;

public sealed class RelationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_in_the_layout_of_others_is_read()
    {
        var relation = Relation.Read(_folder.Write("r.json", """
            {
              "name": "lives in", "prompt_templates": ["{} lives in", "The home of {} is"], "prompt_templates_zs": [], "properties": {"relation_type": "x"},
              "samples": [{"subject": "Ann", "object": "Rome"}, {"subject": "Ann", "object": "Oslo"}, {"subject": "Bob", "object": "Bonn"}]
            }
            """));
        Assert.Equal(("lives in", "{} lives in"), (relation.Name, relation.Template));
        Assert.Equal([new("Ann", "Rome"), new("Bob", "Bonn")], relation.Facts);
    }

    [Theory]
    [InlineData("[]", "expected a text 'name', got Array")]
    [InlineData("""{"name": ""}""", "expected a text 'name'")]
    [InlineData("""{"name": "r"}""", "prompt_templates")]
    [InlineData("""{"name": "r", "prompt_templates": [1]}""", "prompt_templates")]
    [InlineData("""{"name": "r", "prompt_templates": ["{} is"]}""", "samples")]
    [InlineData("""{"name": "r", "prompt_templates": ["{} is"], "samples": []}""", "samples")]
    [InlineData("""{"name": "r", "prompt_templates": ["{} is"], "samples": [{"subject": "a"}]}""", "expected a text 'object', got none")]
    [InlineData("""{"name": "r", "prompt_templates": ["{} is"], "samples": ["a"]}""", "expected a text 'subject', got String")]
    [InlineData("""{"name": "r", "prompt_templates": ["it is"], "samples": [{"subject": "a", "object": "b"}]}""", "expected {} once")]
    [InlineData("""{"name": "r", "prompt_templates": ["{} {}"], "samples": [{"subject": "a", "object": "b"}]}""", "expected {} once")]
    [InlineData("{", "JSON")]
    public void A_file_that_is_none_is_refused(string text, string words) =>
        TinyModel.Says(Record.Exception(() => Relation.Read(_folder.Write("r.json", text))), words);

    // One world, two files of it: the relations are those of the facts.
    [Fact]
    public void The_relations_of_the_checkout_are_the_facts_of_the_atlas()
    {
        var files = Directory.GetFiles(Repository.File("data", "relations"), "*.json");
        Assert.True(files.Length >= 12);
        foreach (var relation in files.Select(Relation.Read))
        {
            var (kind, column) = (relation.Name.Split('.')[0], relation.Name.Split('.')[1]);
            var lines = File.ReadAllLines(Repository.File("data", "atlas", "facts", $"{kind}.tsv")).Select(line => line.Split('\t')).ToArray();
            var at = lines[0].Index().Single(cell => cell.Item.Split('>')[0] == column).Index;
            Assert.Equal(lines.Skip(1).Where(line => line[at] != "-").Select(line => new RelationFact(line[0], line[at])), relation.Facts);
        }
    }

    [Fact]
    public void A_row_is_the_last_token_of_its_subject()
    {
        using var model = LanguageModel.Load();
        var relation = new Relation("r", "The currency of {} is the", [new("South Korea", "won"), new("Chad", "CFA franc")]);
        var rows = relation.Rows(model, "{}", "They spoke of {} and went.");
        Assert.Equal([0, 1, 0, 1], rows.Select(row => row.Group));
        Assert.Equal("South Korea", model.Tokenizer.Decode(rows[0].Prompt.Ids.Skip(1).Take(rows[0].Position)));
        Assert.Equal("They spoke of South Korea", model.Tokenizer.Decode(rows[2].Prompt.Ids.Skip(1).Take(rows[2].Position)));
        Assert.Equal(model.Encode(" won", Bos.Never).Ids[0], rows[0].Answer);
        Assert.Equal(model.Encode(" CFA franc", Bos.Never).Ids[0], rows[1].Answer);
        TinyModel.Says(Assert.Throws<DatasetException>(() => relation.Rows(model, "no place")), "expected {} once");
    }

    [Fact]
    public void What_a_model_knows_is_what_it_says_next()
    {
        using var model = LanguageModel.Load();
        var relation = new Relation("r", "The capital of {} is", [new("France", "Paris"), new("Poland", "Oslo"), new("Japan", "Tokyo")]);
        Assert.Equal(["France", "Japan"], relation.KnownBy(model).Facts.Select(fact => fact.Subject));
    }
}
