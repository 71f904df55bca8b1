using Logitscope.Tests.Cli;
using Logitscope.Tests.Models;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Attributes;

public sealed class FeatureExtractionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // One Patchscope a cell: T ends in the placeholder, i* is its last token.
    [Theory]
    [InlineData("x", null)]
    [InlineData("weather", null)]
    [InlineData("x", 7)]
    public void Every_cell_is_a_patchscope(string placeholder, int? id)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.WithTokenizer(_folder);
        var relation = new Relation("r", "the cat of {} is", [new("mat", "hat"), new("hats", "houses")]);
        var rows = relation.Rows(model, "{}", "on the {} sat");
        var features = FeatureExtraction.Extract(
            model, relation, rows, new() { Placeholder = placeholder, PlaceholderId = id, MaxNewTokens = 4 }, cancellation: TestContext.Current.CancellationToken);
        var target = id is { } token ? model.FromIds([.. model.Encode("the cat of").Ids, token]) : model.Encode($"the cat of {placeholder}");
        Assert.Equal(target.Ids, features.Target!.Ids);
        Assert.Equal(model.Tokenizer.Words(model.Generate(target.Ids, new() { MaxNewTokens = 4, StopId = model.Tokenizer.EosId })), features.Unpatched[0]);
        foreach (var (row, source, put) in
            from row in Enumerable.Range(0, 4) from source in Enumerable.Range(0, 2) from put in Enumerable.Range(0, 2) select (row, source, put))
        {
            var one = new Patchscope(
                new Source(model, rows[row].Prompt, source, rows[row].Position), new Target(model, target, put, ^1) { MaxNewTokens = 4 }).Run();
            Assert.Equal(one.GeneratedText, features.Cells.Single(cell => cell.SourceLayer == source && cell.TargetLayer == put).Texts[row]);
        }

        TinyModel.Says(Assert.Throws<PatchException>(() => FeatureExtraction.Extract(model, relation, [], cancellation: TestContext.Current.CancellationToken)), "at least one row");
        TinyModel.Says(Assert.Throws<ModelException>(() => FeatureExtraction.Extract(model, relation, rows, new() { MaxNewTokens = 100 }, cancellation: TestContext.Current.CancellationToken)), "got 100");
    }

    [Fact]
    public void An_answer_counts_where_it_is_said_and_any_layer_is_an_oracle()
    {
        using var model = TinyModel.Open();
        var rows = Enumerable.Range(0, 6).Select(s => new SubjectRow(model.FromIds([1]), 0, new($"s{s}", $"o{s}"), s, s)).ToArray();
        string[] says = [.. rows.Select(row => $"it is {row.Fact.Object}, they say")];
        string[] silent = [.. rows.Select(_ => "nothing")];
        string[] half = [.. says.Take(3), .. silent.Skip(3)];
        string[] otherHalf = [.. silent.Take(3), .. says.Skip(3)];
        var features = new ExtractedFeatures(
            "extraction", rows, [new(1, 1, says), new(0, 0, half), new(0, 1, otherHalf), new(1, 0, silent)], [.. rows.Select(_ => "o4 of course")]);
        var split = new AttributeSplit(rows, parts: 3);
        var (scores, shuffled) = features.Score(split);
        Assert.Equal(1, scores.AtChosen.Mean);
        Assert.All(scores.Chosen, one => Assert.Equal((1, "target layer 1"), (one.Layer, one.Detail)));
        Assert.Equal(0, shuffled.AtChosen.Mean);
        Assert.Equal([1, 1], features.ScoreAny(split).Scores.Layers.Select(layer => layer.Value.Mean));
        Assert.Equal(1, features.ScoreAnyPair(split).Scores.AtChosen.Mean);
        Assert.Equal(1 / 6.0, features.ScoreUnpatched(split).AtChosen.Mean, 1e-12);
    }

    [Fact]
    public async Task The_command_answers_with_shares_and_controls()
    {
        var json = (await Outcome.Of("extract", "--relation", AtlasRelation.Some(_folder, 8), "--context", "{}", "--max-new-tokens", "3", "--json")).Succeeded().Json;
        Assert.Equal(
            ["extraction", "extraction, shuffled", "extraction, any l* (oracle)", "extraction, any l* (oracle), shuffled", "extraction, unpatched", "majority"],
            json.GetProperty("scores").EnumerateArray().Select(one => one.GetProperty("method").GetString()));
        Assert.Equal("␣x", json.GetProperty("target").GetProperty("tokens").EnumerateArray().Last().GetString());
        Assert.InRange(json.GetProperty("scores")[2].GetProperty("at_chosen").GetProperty("mean").GetDouble(), 0.5, 1);
    }
}
