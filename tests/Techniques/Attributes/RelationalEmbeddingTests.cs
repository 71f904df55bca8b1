using Logitscope.Tests.Cli;
using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.Attributes;

public sealed class RelationalEmbeddingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    // With one example and beta = 1, the map takes s to z itself, and its slope is that of the model: central differences.
    [Theory]
    [MemberData(nameof(OfEachForm), MemberType = typeof(TinyModel))]
    public void It_is_the_model_near_its_example(string name)
    {
        const double step = 1e-6;
        using var model = Open(float64, name);
        var row = Row(model, 9, 5, 17, 2, 8);
        var top = new Hook(model.Layers - 1, Site.ResidPost);
        var direction = randn([model.HiddenSize], float64, generator: new Generator(1));
        foreach (var embedding in RelationalEmbedding.Fit(model, [row], TestContext.Current.CancellationToken))
        {
            var hook = new Hook(embedding.Layer, Site.ResidPost);
            var run = model.Forward(row.Prompt, new() { Keep = [hook, top] });
            var (subject, last) = (run[hook][0, row.Position], run[top][0, -1]);
            Close(last, embedding.At(1).Apply(subject.unsqueeze(0))[0], 1e-10, $"z of layer {embedding.Layer}");
            if (embedding.Layer == model.Layers - 1)
            {
                Assert.Equal(0, embedding.Weight.abs().max().item<double>()); // no block is left to carry it to the last token
                continue;
            }

            Close((Moved(step) - Moved(-step)) / (2 * step), embedding.Weight.mv(direction), 1e-6, $"W of layer {embedding.Layer}");

            Tensor Moved(double size) => model.Forward(
                row.Prompt, new() { Keep = [top], Edits = [Edit.Add(hook, direction * size, row.Position)] })[top][0, -1];
        }
    }

    [Fact]
    public void It_is_the_mean_over_examples_and_beta_scales_the_slope_alone()
    {
        using var model = Open(float64);
        SubjectRow[] rows = [Row(model, 9, 5, 17), Row(model, 3, 4, 5, 6)];
        var both = RelationalEmbedding.Fit(model, rows, TestContext.Current.CancellationToken)[1];
        var (one, other) = (RelationalEmbedding.Fit(model, [rows[0]], TestContext.Current.CancellationToken)[1], RelationalEmbedding.Fit(model, [rows[1]], TestContext.Current.CancellationToken)[1]);
        Close((one.Weight + other.Weight) / 2, both.Weight, 1e-12, "W");
        Close((one.Bias + other.Bias) / 2, both.Bias, 1e-12, "b");
        var s = randn([2, model.HiddenSize], float64, generator: new Generator(2));
        Close((s.matmul(both.Weight.t()) * 3) + both.Bias, both.At(3).Apply(s), 1e-12, "beta W s + b");
        Says(Assert.Throws<FitException>(() => RelationalEmbedding.Fit(model, [], TestContext.Current.CancellationToken)), "at least one example");
    }

    // z moves by its part along the r largest singular directions of W; by all of it where W has full rank.
    [Fact]
    public void A_change_of_the_subject_moves_z_as_far_as_its_rank_reaches()
    {
        var weight = randn([6, 6], float64, generator: new Generator(3));
        using var embedding = new RelationalEmbedding(0, weight, zeros(6, float64));
        var difference = randn([6], float64, generator: new Generator(4));
        var left = linalg.svd(weight).U;
        var changes = embedding.Change(difference, 1, 4, 6);
        foreach (var (i, rank) in new[] { 1, 4, 6 }.Index())
        {
            var kept = left.narrow(1, 0, rank);
            Close(kept.mv(kept.t().mv(difference)), weight.mv(changes[i]), 1e-10, $"rank {rank}");
        }

        Close(difference, weight.mv(changes[2]), 1e-10, "full rank");
        using var flat = new RelationalEmbedding(0, weight * 0, zeros(6, float64));
        Assert.Equal(0, flat.Change(difference, 6).abs().max().item<double>()); // nothing moves z: no infinite change
        Says(Assert.Throws<FitException>(() => embedding.Change(difference, 7)), "expected 1 to 6, got 7");
        Says(Assert.Throws<FitException>(() => embedding.Change(difference)), "got none");
    }

    [Fact]
    public void The_attribute_lens_is_the_same_as_a_patchscope()
    {
        using var model = Open(float64);
        using var embedding = RelationalEmbedding.Fit(model, [Row(model, 9, 5, 17)], TestContext.Current.CancellationToken)[1];
        var lens = embedding.Lens(2.25);
        var options = new SweepOptions { Techniques = [lens, new LensPatchscope(lens)] };
        var rows = Sweep.Run(model, SmallFit.Examples(model, 6), options, cancellation: TestContext.Current.CancellationToken).Rows.ToLookup(row => row.Method);
        Assert.Equal(2, rows.Count);
        foreach (var (direct, patched) in rows[lens.Name].Zip(rows[lens.Name + "-patchscope"]))
        {
            Assert.Equal(direct.Surprisal, patched.Surprisal, 1e-10);
            Assert.Equal(direct.PrecisionAt1, patched.PrecisionAt1);
        }
    }

    // Every share counted once more from whole passes.
    [Fact]
    public void Faithfulness_and_causality_are_those_of_whole_runs()
    {
        using var model = WithTokenizer(_folder);
        var relation = new Relation("r", "c {} is", [.. "abdefgh".Select((letter, i) => new RelationFact($"{letter}", $"{"xyz"[i % 3]}"))]);
        var split = new AttributeSplit(relation.Rows(model, relation.Template), parts: 3);
        var options = new RelationalOptions { Examples = 2, Betas = [1, 2], Ranks = [3, 16] };
        var fitted = RelationalEmbedding.FitParts(model, relation, split, options, cancellation: TestContext.Current.CancellationToken);
        var faithful = RelationalEmbedding.Faithfulness(model, split, fitted, options, TestContext.Current.CancellationToken).Scores;
        var causal = RelationalEmbedding.Causality(model, split, fitted, options, cancellation: TestContext.Current.CancellationToken);
        var top = new Hook(model.Layers - 1, Site.ResidPost);

        // Only what is chosen for each part is looked at; how it is chosen has a test of its own.
        var (said, moved, swapped) = (0, 0, 0);
        for (var part = 0; part < 3; part++)
        {
            RelationFact[] facts = [.. split.Fitted(part).Select(row => split.Rows[row].Fact).Distinct().Take(2)];
            var embeddings = RelationalEmbedding.Fit(model, RelationalEmbedding.Examples(model, relation, facts), TestContext.Current.CancellationToken);
            foreach (var number in split.Tested(part))
            {
                var row = split.Rows[number];
                var other = split.Rows.First(one => one.Group == split.Others[number].Group);
                var best = faithful.Chosen[part];
                var beta = double.Parse(best.Detail.Split(' ')[1]);
                said += Says(model.Unembed(embeddings[best.Layer].At(beta).Apply(Subject(row, best.Layer).unsqueeze(0)))[0]) == row.Answer ? 1 : 0;

                var change = causal.Scores.Chosen[part];
                var delta = embeddings[change.Layer].Change(Z(other) - Z(row), int.Parse(change.Detail.Split(' ')[1]))[0];
                moved += Patched(row, change.Layer, Subject(row, change.Layer) + delta) == other.Answer && row.Answer != other.Answer ? 1 : 0;
                var swap = causal.Swapped.Chosen[part];
                swapped += Patched(row, swap.Layer, Subject(other, swap.Layer)) == other.Answer && row.Answer != other.Answer ? 1 : 0;
            }
        }

        Assert.Equal(said / 7.0, faithful.AtChosen.Mean, 1e-12);
        Assert.Equal(moved / 7.0, causal.Scores.AtChosen.Mean, 1e-12);
        Assert.Equal(swapped / 7.0, causal.Swapped.AtChosen.Mean, 1e-12);
        Assert.Equal(["lre, causality", "random direction", "other subject's residual"], new[] { causal.Scores, causal.Random, causal.Swapped }.Select(one => one.Method));

        Tensor Subject(SubjectRow row, int layer) => model.Forward(row.Prompt, new() { Keep = [new(layer, Site.ResidPost)] })[new(layer, Site.ResidPost)][0, row.Position];
        Tensor Z(SubjectRow row) => model.Forward(row.Prompt, new() { Keep = [top] })[top][0, -1];
        long Patched(SubjectRow row, int layer, Tensor residual) =>
            Says(model.Forward(row.Prompt, new() { Edits = [Edit.Replace(new(layer, Site.ResidPost), residual, row.Position)] }).Logits[0, -1]);
        long Says(Tensor logits) => logits.argmax().item<long>();
    }

    [Fact]
    public void What_cannot_be_fitted_is_refused()
    {
        using var model = WithTokenizer(_folder);
        var relation = new Relation("r", "c {} is", [.. "abd".Select(letter => new RelationFact($"{letter}", "x"))]);
        var split = new AttributeSplit(relation.Rows(model, "{}"), parts: 3);
        Says(Fault(new()), "expected 5 known facts", "got 1");
        Says(Fault(new() { Examples = 0 }), "got 0 examples");
        Says(Fault(new() { Examples = 1, Ranks = [] }), "ranks");
        Says(Fault(new() { Examples = 1, Betas = [double.NaN] }), "slopes NaN");
        var fitted = RelationalEmbedding.FitParts(model, relation, split, new() { Examples = 1 }, cancellation: TestContext.Current.CancellationToken);
        Says(Assert.Throws<FitException>(() => RelationalEmbedding.Faithfulness(model, split, [fitted[0]], cancellation: TestContext.Current.CancellationToken)), "of 3 parts", "got 1");
        Says(Assert.Throws<FitException>(() => RelationalEmbedding.Causality(model, split, [], cancellation: TestContext.Current.CancellationToken)), "of 3 parts", "got 0");

        FitException Fault(RelationalOptions options) => Assert.Throws<FitException>(() =>
            RelationalEmbedding.FitParts(model, relation, split, options, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_command_answers_with_shares_and_controls()
    {
        var json = (await Outcome.Of("lre", "--relation", AtlasRelation.Some(_folder, 24), "--context", "{}", "--beta", "2.25", "--json")).Succeeded().Json;
        Assert.Equal(
            ["lre", "lre, shuffled", "majority", "lre, causality", "random direction", "other subject's residual"],
            json.GetProperty("scores").EnumerateArray().Select(one => one.GetProperty("method").GetString()));
        var share = json.GetProperty("scores")[0].GetProperty("at_chosen");
        Assert.InRange(share.GetProperty("mean").GetDouble(), share.GetProperty("low").GetDouble(), share.GetProperty("high").GetDouble());
        Assert.Equal(10, json.GetProperty("scores")[0].GetProperty("layers").GetArrayLength());
        foreach (var slope in new[] { "2,25", "NaN", "1e3", "Infinity" })
        {
            (await Outcome.Of("lre", "--beta", "1", "--beta", slope)).FailedWith("--beta: expected a number such as 0.7", slope);
        }

        (await Outcome.Of("lre", "--relation", "nowhere")).FailedWith("nowhere");
        (await Outcome.Of("lre", "--relation", AtlasRelation.Some(_folder, 24), "--context", "no gap")).FailedWith("expected {} once");
    }

    private static SubjectRow Row(LanguageModel model, params int[] ids) => new(model.FromIds(ids), 1, new("s", "o"), 0, 0);
}

/// <summary>A relation file of some facts that the embedded model knows.</summary>
internal static class AtlasRelation
{
    public static string Some(TemporaryFolder folder, int count)
    {
        var all = Relation.Read(Repository.File("data", "relations", "country.capital.json"));
        var samples = all.Facts.Take(count).Select(fact => $"{{\"subject\": \"{fact.Subject}\", \"object\": \"{fact.Object}\"}}");
        return folder.Write("relation.json", $"{{\"name\": \"capital\", \"prompt_templates\": [\"{all.Template}\"], \"samples\": [{string.Join(", ", samples)}]}}");
    }
}
