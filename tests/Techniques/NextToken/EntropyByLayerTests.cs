using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

public class EntropyByLayerTests
{
    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void It_is_the_entropy_of_the_lens_and_at_the_last_layer_of_the_model(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64, name);
        var examples = SmallFit.Examples(model, 70); // more than run together
        var result = model.EntropyOfLayers(examples, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(70, result.Prompts.Count);
        foreach (var (example, entropies) in examples.Zip(result.Prompts))
        {
            var prompt = model.FromIds(example.Ids!);
            Assert.All(entropies, entropy => Assert.InRange(entropy, 0, Math.Log(model.VocabularySize)));
            Assert.Equal(
                model.LogitLens(prompt).Cells.Where(cell => cell.Position == prompt.Count - 1).Select(cell => Math.Round(cell.Entropy, 9)),
                entropies.Select(entropy => Math.Round(entropy, 9)));
            var p = nn.functional.softmax(model.Forward(prompt).Logits[0, -1], 0);
            Assert.Equal(-(p * p.log()).sum().item<double>(), entropies[^1], 1e-9);
        }

        Assert.Equal(result.Prompts.Average(prompt => prompt[1]), result.Means[1].Mean, 1e-12);
        Assert.True(result.Means[1].Low < result.Means[1].Mean && result.Means[1].Mean < result.Means[1].High);
        Says(Assert.Throws<PatchException>(() => model.EntropyOfLayers([], cancellation: TestContext.Current.CancellationToken)), "at least one prompt");
    }
}
