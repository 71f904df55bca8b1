using Logitscope.Tests.Datasets;
using Logitscope.Tests.World;
using Logitscope.World;

namespace Logitscope.Tests.Cli;

/// <summary>The whole of <c>eval atlas</c> on a model that six steps have taught nothing.</summary>
public sealed class EvalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_evaluation_is_the_same_twice_and_fills_the_card()
    {
        Prepare();
        var card = _folder.Write("model/README.md", $"before\n{ModelCard.Begin}\nan earlier table\n{ModelCard.End}\nafter\n");
        var file = _folder.Write("more.txt", "A line of text.\nAnother line.\nAnd a third.\n");
        string[] line =
        [
            "eval", "atlas", "--model", _folder.PathOf("model"), "--corpora", _folder.PathOf("corpora"),
            "--data", file, "--questions", "3", "--limit", "3", "--card", card, "--json",
        ];
        var first = (await Outcome.Of(line)).Succeeded();
        Assert.Equal(first.Output, (await Outcome.Of(line)).Succeeded().Output);

        Assert.All(first.Json.GetProperty("exam").EnumerateArray(), score =>
        {
            Assert.InRange(score.GetProperty("accuracy").GetProperty("mean").GetDouble(), 0, 1);
            Assert.InRange(score.GetProperty("count").GetInt32(), 1, 3);
        });
        Assert.Equal(
            ["unigram", "trigram", "this model"],
            first.Json.GetProperty("texts").EnumerateArray().Take(3).Select(row => row.GetProperty("predictor").GetString()));
        Assert.Equal(9, first.Json.GetProperty("texts").GetArrayLength());
        var sweep = first.Json.GetProperty("curves")[1];
        Assert.Equal("more", sweep.GetProperty("data").GetString());
        Assert.True(sweep.GetProperty("meet").GetBoolean());

        var written = await File.ReadAllTextAsync(card, TestContext.Current.CancellationToken);
        Assert.StartsWith($"before\n{ModelCard.Begin}\n### What it knows\n", written);
        Assert.EndsWith($"|\n\n{ModelCard.End}\nafter\n", written);
        Assert.DoesNotContain("an earlier table", written);
        Assert.Contains("<svg", await File.ReadAllTextAsync(
            _folder.PathOf("model", "loss.svg"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_corpora_there_is_no_natural_text_and_the_rest_is_a_table()
    {
        Prepare();
        var output = (await Outcome.Of(
            "eval", "atlas", "--model", _folder.PathOf("model"), "--questions", "2", "--limit", "2")).Succeeded().Output;
        Assert.Contains("one hop, in a wording never used at all", output);
        Assert.Contains("logitscope p@1", output);
        Assert.DoesNotContain("trigram", output);
    }

    [Fact]
    public async Task A_card_without_markers_and_a_limit_of_one_are_refused()
    {
        Prepare();
        var card = _folder.Write("card.md", "nothing");
        (await Outcome.Of(
            "eval", "atlas", "--model", _folder.PathOf("model"), "--questions", "2", "--limit", "2", "--card", card))
            .FailedWith(ModelCard.Begin);
        (await Outcome.Of("eval", "atlas", "--limit", "1")).FailedWith("--limit: expected at least 2");
    }

    [Fact]
    public async Task A_model_that_was_not_trained_here_has_no_baselines()
    {
        Prepare();
        File.Delete(_folder.PathOf("model", TrainingRecipe.File));
        (await Outcome.Of(
            "eval", "atlas", "--model", _folder.PathOf("model"), "--questions", "2", "--limit", "2",
            "--corpora", _folder.PathOf("corpora"))).FailedWith(TrainingRecipe.File);
    }

    // A model trained for a moment.
    private void Prepare()
    {
        var recipe = TrainerTests.Small with { Natural = TinyCorpora.Write(_folder), NPositions = 512 };
        Trainer.Train(recipe, AtlasWorld.Atlas, _folder.PathOf("corpora"), _folder.PathOf("model"));
    }
}
