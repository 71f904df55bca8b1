namespace Logitscope.Tests.Patching;

public class LayerGridTests
{
    // The naive way: one Patchscope a pair of layers and prompt.
    [Fact]
    public void Every_cell_is_the_mean_of_patchscopes_over_the_prompts()
    {
        using var model = LanguageModel.Load(options: new() { Dtype = TorchSharp.torch.float64 });
        var prompts = new[] { "The capital of Poland is", "One two", "Hello" }.Select(text => model.Encode(text)).ToArray();
        var target = model.Encode("?");

        var grid = LayerGrid.Run(model, prompts, target, ^1, TestContext.Current.CancellationToken);

        Assert.Equal(model.Layers * model.Layers, grid.Cells.Count);
        Assert.Equal(prompts.Length, grid.Prompts);
        foreach (var cell in grid.Cells.Where(cell => (cell.SourceLayer * 3 + cell.TargetLayer) % 7 == 0))
        {
            var (hits, surprisal) = (0.0, 0.0);
            foreach (var prompt in prompts)
            {
                var own = (int)model.Forward(prompt.ToTensor(), new() { Logits = LogitsOf.LastPosition }).Logits.argmax(-1).item<long>();
                var result = new Patchscope(new(model, prompt, cell.SourceLayer, ^1), new(model, target, cell.TargetLayer, ^1)).Run();
                hits += result.Next.Top(1)[0].Id == own ? 1 : 0;
                surprisal -= result.Next.LogProbabilities[own];
            }

            Assert.Equal(hits / prompts.Length, cell.PrecisionAt1.Mean, 12);
            Assert.Equal(surprisal / prompts.Length, cell.Surprisal.Mean, 9);
        }

        // The last block's output in its own place is the model's own prediction.
        Assert.Equal(1, grid.Cells.Single(cell => cell.SourceLayer == model.Layers - 1 && cell.TargetLayer == model.Layers - 1).PrecisionAt1.Mean);
        Assert.Contains("source layer 0, target layer 1", grid.Chart().ToSvg());
    }
}
