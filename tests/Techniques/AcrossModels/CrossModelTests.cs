using Logitscope.Tests.Cli;
using Logitscope.Tests.Fitting;
using Logitscope.Tests.Golden;
using Logitscope.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.AcrossModels;

public class CrossModelTests
{
    // One Patchscope a cell and prompt, with a map that libtorch's lstsq fits.
    [Theory]
    [InlineData("gptj/one-layer", "gpt2/without-prefix")]
    [InlineData("gpt_neox/sequential", "llama/tied")]
    [InlineData("gpt2/without-prefix", "gpt_neox/sequential")]
    public void Every_cell_is_the_mean_of_patchscopes_between_the_models(string from, string to)
    {
        using var scope = NewDisposeScope();
        using var source = TinyModel.Open(float64, from);
        using var target = TinyModel.Open(float64, to);
        var data = SmallFit.Data(source, 60);
        using var maps = CrossModel.Fit(data, target, cancellation: TestContext.Current.CancellationToken);
        var grid = maps.Grid(data.HeldOut, cancellation: TestContext.Current.CancellationToken);
        var shuffled = maps.Grid(data.HeldOut, shuffled: true, cancellation: TestContext.Current.CancellationToken);
        var identity = CrossModel.GridOfIdentity(source, target, data.HeldOut, TestContext.Current.CancellationToken);
        Assert.Equal(source.Layers * target.Layers, grid.Cells.Count);
        foreach (var cell in grid.Cells)
        {
            var (x, y) = (Stack(source, cell.SourceLayer), Stack(target, cell.TargetLayer));
            var solution = linalg.lstsq(cat([x, ones(x.size(0), 1, float64)], dim: 1), y).Solution;
            var map = Mapping.Of("lstsq", residual => cat([residual, ones([.. residual.shape[..^1], 1], float64)], dim: -1).matmul(solution));
            var pad = Mapping.Of("pad", residual => target.HiddenSize < source.HiddenSize
                ? residual.narrow(-1, 0, target.HiddenSize)
                : cat([residual, zeros([.. residual.shape[..^1], target.HiddenSize - source.HiddenSize], float64)], dim: -1));
            Same(cell, map, row => data.HeldOut[row]);
            Same(Cell(shuffled, cell), map, row => data.HeldOut[(row + 1) % data.HeldOut.Count]);
            Same(Cell(identity, cell), pad, row => data.HeldOut[row]);
        }

        Tensor Stack(LanguageModel model, int layer) => cat(
        [
            .. data.Training.Select(prompt => model.Forward(prompt, new() { Keep = [new(layer, Site.ResidPost)] })[new(layer, Site.ResidPost)][0]),
        ]);

        void Same(LayerGridCell cell, Mapping map, Func<int, Prompt> read)
        {
            var (hits, surprisal, paper) = (0.0, 0.0, 0.0);
            foreach (var (row, prompt) in data.HeldOut.Index())
            {
                var own = new NextTokenDistribution(source.Forward(prompt, new() { Logits = LogitsOf.LastPosition }).Logits[0, 0], prompt.Tokenizer);
                var result = new Patchscope(new(source, read(row), cell.SourceLayer, ^1), new(target, prompt, cell.TargetLayer, ^1)) { Mapping = map }.Run();
                hits += result.Next.Top(1)[0].Id == own.Top(1)[0].Id ? 1 : 0;
                surprisal -= result.Next.LogProbabilities[own.Top(1)[0].Id];
                paper -= own.LogProbabilities[result.Next.Top(1)[0].Id];
            }

            Assert.Equal(hits / data.HeldOut.Count, cell.PrecisionAt1.Mean, 1e-12);
            Assert.Equal(surprisal / data.HeldOut.Count, cell.Surprisal.Mean, 1e-6);
            Assert.Equal(paper / data.HeldOut.Count, cell.SurprisalPaper.Mean, 1e-6);
        }

        static LayerGridCell Cell(LayerGrid grid, LayerGridCell like) =>
            grid.Cells.Single(cell => (cell.SourceLayer, cell.TargetLayer) == (like.SourceLayer, like.TargetLayer));
    }

    // Into itself, a layer's map is the identity, and the last layer's residual is the model's own prediction whatever stands above.
    [Fact]
    public void A_model_agrees_with_itself()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Open(float64, "gpt2/without-prefix");
        var data = SmallFit.Data(model, 60);
        using var maps = CrossModel.Fit(data, model, cancellation: TestContext.Current.CancellationToken);
        var residual = randn([3, model.HiddenSize], float64, generator: new Generator(1));
        TinyModel.Close(residual, maps.At(0, 0).Apply(residual), 1e-6, "the identity");
        Assert.All(maps.Grid(data.HeldOut, cancellation: TestContext.Current.CancellationToken).Cells.Where(cell => cell.SourceLayer == cell.TargetLayer), cell => Assert.Equal(1, cell.PrecisionAt1.Mean));
        var agreement = CrossModel.Agreement(model, model, data.HeldOut, TestContext.Current.CancellationToken);
        Assert.Equal(1, agreement.PrecisionAt1.Mean);
        Assert.Equal(agreement.Surprisal.Mean, agreement.SurprisalPaper.Mean, 1e-12);

        var into = maps.Grid(data.HeldOut, model.FromIds([3, 5]), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("#3|#5 at 1", into.Target);
        var plain = LayerGrid.Run(model, data.HeldOut, model.FromIds([3, 5]), ^1, TestContext.Current.CancellationToken);
        foreach (var (mapped, own) in into.Cells.Zip(plain.Cells).Where(pair => pair.First.SourceLayer == pair.First.TargetLayer))
        {
            Assert.Equal(own.Surprisal.Mean, mapped.Surprisal.Mean, 1e-5);
        }
    }

    [Fact]
    public void Models_of_other_tokens_and_too_little_data_are_refused()
    {
        using var model = TinyModel.Open(float64, "gpt2/without-prefix");
        using var other = TinyModel.Open(float64, "llama/grouped");
        using var embedded = LanguageModel.Load();
        var data = SmallFit.Data(model, 4);
        TinyModel.Says(Assert.Throws<PatchException>(() => CrossModel.Fit(data, other, cancellation: TestContext.Current.CancellationToken)), "got 37 rows in gpt2 and 41 in llama");
        TinyModel.Says(Assert.Throws<PatchException>(() => CrossModel.Agreement(model, embedded, data.HeldOut, TestContext.Current.CancellationToken)), "the same tokens");
        TinyModel.Says(Assert.Throws<FitException>(() => CrossModel.Fit(SmallFit.Data(model, 2), model, cancellation: TestContext.Current.CancellationToken)), "more prompts or a ridge");
    }

    [Fact]
    public async Task The_command_answers_with_arms_and_cells()
    {
        using var folder = new TemporaryFolder();
        var prompts = folder.Write("p.jsonl", string.Concat(Enumerable.Range(0, 40).Select(i => $"{{\"ids\": [{string.Join(", ", new Random(i).GetItems(Enumerable.Range(0, 37).ToArray(), 12))}]}}\n")));
        var json = (await Outcome.Of("across", "--model", Repository.File("data", "tiny-gptj-small"), "--limit", "24", "--json")).Succeeded().Json;
        Assert.Equal(["learned map", "learned map, T = ?", "no map", "another prompt's residual", "nothing patched"], json.GetProperty("arms").EnumerateArray().Select(arm => arm.GetProperty("name").GetString()));
        Assert.Equal(60, json.GetProperty("cells").GetArrayLength());
        (await Outcome.Of(
            "across", "--model", GoldenModel.FolderOf("gptj/one-layer"), "--into", GoldenModel.FolderOf("llama/grouped"), "--data", prompts)).FailedWith("the same tokens");
    }

    [Fact]
    public void Prompts_are_cut_at_two_tokens_or_more()
    {
        using var model = TinyModel.Open();
        Prompt[] whole = [.. Enumerable.Range(1, 9).Select(length => model.FromIds(model.RandomIds(length, length)))];
        var cut = CrossModel.CutAtRandom(whole);
        Assert.All(whole.Zip(cut), pair => Assert.Equal(pair.First.Ids.Take(pair.Second.Count), pair.Second.Ids));
        Assert.All(cut.Skip(1), prompt => Assert.True(prompt.Count >= 2));
        Assert.Equal(cut.Select(prompt => prompt.Count), CrossModel.CutAtRandom(whole).Select(prompt => prompt.Count));
        Assert.NotEqual(cut.Select(prompt => prompt.Count), CrossModel.CutAtRandom(whole, seed: 1).Select(prompt => prompt.Count));
    }
}
