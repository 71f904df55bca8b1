using Logitscope.Tests.Cli;
using Logitscope.Tests.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Entities;

public sealed class EntityDescriptionTests : IDisposable
{
    private static readonly Entity[] s_entities = [new("The cat", ["a hat"]), new("mat", ["a mat", "the mat"]), new("weather", ["they chatter"])];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // One Patchscope a cell, with the scale as its mapping.
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Every_cell_is_a_patchscope(double scale, bool intoEmbedding)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.WithTokenizer(_folder);
        var options = new DescriptionOptions { Target = "the cat: a hat, x -> ", Placeholder = "x", MaxNewTokens = 5, Scale = scale, IntoEmbedding = intoEmbedding };
        var said = model.Describe(s_entities, options, cancellation: TestContext.Current.CancellationToken);
        var target = model.Encode(options.Target);
        var position = target.SpanOf("x").End - 1;
        Assert.NotEqual(target.Count - 1, position);
        foreach (var (layer, entity) in from layer in Enumerable.Range(0, 2) from entity in Enumerable.Range(0, 3) select (layer, entity))
        {
            var into = intoEmbedding ? new Target(model, target, 0, position, Site.ResidPre) : new Target(model, target, layer, position);
            var one = new Patchscope(new Source(model, s_entities[entity].Name, layer, ^1), into with { MaxNewTokens = 5 })
            {
                Mapping = Mapping.Of("amplify", residual => residual * scale, ("scale", scale)),
            };
            Assert.Equal(DescriptionOptions.Cut(one.Run().GeneratedText), said.Layers[layer].Texts[entity]);
        }

        Assert.Equal(DescriptionOptions.Cut(model.Tokenizer.Words(model.Generate(target.Ids, new() { MaxNewTokens = 5, StopId = model.Tokenizer.EosId }))), said.Unpatched);
    }

    [Fact]
    public void Another_model_is_described_into_by_a_mapping()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.WithTokenizer(_folder);
        using var other = TinyModel.WithTokenizer(_folder);
        var same = model.Describe(s_entities, new() { Target = "a hat, x", MaxNewTokens = 4 }, cancellation: TestContext.Current.CancellationToken);
        var across = model.Describe(s_entities, new() { Target = "a hat, x", MaxNewTokens = 4, TargetModel = other }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(same.Layers.SelectMany(layer => layer.Texts), across.Layers.SelectMany(layer => layer.Texts));
        var called = new List<int>();
        var options = new DescriptionOptions
        {
            Target = "a hat, x",
            MaxNewTokens = 1,
            TargetModel = other,
            Mapping = layer =>
            {
                called.Add(layer);
                return Mapping.Identity;
            },
        };
        model.Describe(s_entities, options, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal([0, 1], called);
    }

    [Fact]
    public void Scores_are_by_layer_with_controls()
    {
        using var model = TinyModel.Open();
        var said = new DescribedEntities(
            model.FromIds([1]), s_entities, [new(0, ["a hat", "the mat", "nothing"]), new(1, ["a mat", "they chatter", "weather "])], "a hat");
        var scores = said.Scores("d").ToLookup(score => score.Method, score => score.Value.Mean);
        Assert.Equal([(1 + 1 + 0) / 3.0, (0.5 + 0 + 0) / 3], scores["d"]);
        Assert.Equal([(0.5 + 0 + 0) / 3.0, (1 + 1 + 0) / 3.0], scores["d, of another entity"]);
        Assert.Equal([(1 + 0.5 + 0) / 3.0, (1 + 0.5 + 0) / 3.0], scores["d, unpatched"]);
        var some = said with { Entities = [s_entities[0], s_entities[1] with { Descriptions = [] }, s_entities[2]] };
        Assert.Equal([(1 + 0) / 2.0, (0.5 + 0) / 2], some.Scores("d").Take(2).Select(score => score.Value.Mean));
        Assert.Equal(2, some.Scores()[0].Count);
        Assert.Null(some.Unfolding(1).Rows[0][2]);
        Assert.Empty((said with { Entities = [.. s_entities.Select(entity => entity with { Descriptions = [] })] }).Scores());
        Assert.Equal([0, 1 / 3.0], said.Named().Select(score => score.Value.Mean));
        Assert.Equal(["1", "0"], said.Unfolding(2).Rows.Select(row => $"{row[0]}"));
        Assert.Equal(3, ((CurveFigure)DescribedEntities.Chart([.. said.Scores()])).Curves.Count);
    }

    [Theory]
    [InlineData(": Country in Asia, Brazil: x", "Country in Asia")]
    [InlineData("country\nnext", "country")]
    [InlineData(" gas; more", "gas")]
    [InlineData("plain", "plain")]
    [InlineData(", x", "")]
    public void An_entry_ends_where_the_list_goes_on(string text, string entry) => Assert.Equal(entry, DescriptionOptions.Cut(text));

    [Fact]
    public void What_cannot_be_described_is_refused()
    {
        using var model = TinyModel.WithTokenizer(_folder);
        TinyModel.Says(Assert.Throws<PatchException>(() => model.Describe([], cancellation: TestContext.Current.CancellationToken)), "expected entities", "got 0");
        TinyModel.Says(Assert.Throws<PatchException>(() => model.Describe(s_entities, new() { Scale = double.NaN }, cancellation: TestContext.Current.CancellationToken)), "NaN");
        TinyModel.Says(Assert.Throws<PositionException>(() => model.Describe(s_entities, new() { Target = "a hat, x", Placeholder = "zebra" }, cancellation: TestContext.Current.CancellationToken)), "zebra");
    }

    [Fact]
    public async Task The_command_describes_names_and_entities_of_a_file()
    {
        var file = _folder.Write("e.jsonl", """
            {"name": "Frida Kahlo", "descriptions": ["Mexican painter", "painter from Mexico"], "kind": "person"}
            {"name": "Eiffel Tower", "descriptions": ["tower in Paris", "tower in France"]}
            """);
        var json = (await Outcome.Of("describe", "--data", file, "--json")).Succeeded().Json;
        Assert.Equal(2, json.GetProperty("entities").GetArrayLength());
        Assert.Equal(30, json.GetProperty("scores").GetArrayLength());
        Assert.True(json.GetProperty("scores")[0].GetProperty("mean").GetDouble() > 0.5);
        var table = (await Outcome.Of("describe", "--entity", "Frida Kahlo")).Succeeded().Output;
        Assert.Contains("Frida Kahlo: Mexican painter", table, StringComparison.Ordinal);
        Assert.Contains("name", (await Outcome.Of("describe", "--data", file, "--same-word", "--json")).Succeeded().Json.GetProperty("scores")[0].GetProperty("method").GetString());
        Assert.Contains("no description to compare with", (await Outcome.Of("describe", "--entity", "Nobody")).Succeeded().Output, StringComparison.Ordinal);
        (await Outcome.Of("describe", "--target", "a", "--same-word")).FailedWith("got both");
        (await Outcome.Of("describe", "--data", _folder.Write("bad.jsonl", "{\"name\": \"x\"}\n"))).FailedWith("line 1");
        (await Outcome.Of("describe", "--data", _folder.Write("bad.jsonl", "{\"name\": \"x\", \"descriptions\": []}\n"))).FailedWith("line 1");
        (await Outcome.Of("describe", "--data", _folder.Write("bad.jsonl", "\n"))).FailedWith("got none");
    }
}
