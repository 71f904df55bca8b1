using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

public class FutureLensTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_least_squares_to_the_last_residual_so_many_tokens_further_and_judged_by_what_the_model_says_there(int ahead)
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        var data = SmallFit.Data(model);
        using var lens = FutureLens.Fit(data, ahead, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((FutureLens.KindOf(ahead), ahead), (lens.Manifest.Kind, lens.Manifest.Ahead));
        Assert.Equal([0, 1, 2], lens.Manifest.Layers);

        foreach (var layer in lens.Manifest.Layers)
        {
            var (x, y) = (new List<Tensor>(), new List<Tensor>());
            foreach (var prompt in data.Training)
            {
                var run = model.Forward(prompt, new() { Keep = model.Hooks() });
                x.Add(run[new(layer, Site.ResidPost)].squeeze(0).narrow(0, 0, prompt.Count - ahead));
                y.Add(run[new(2, Site.ResidPost)].squeeze(0).narrow(0, ahead, prompt.Count - ahead));
            }

            var inputs = cat([.. x]);
            var expected = linalg.lstsq(cat([inputs, ones(inputs.size(0), 1, float64)], 1), cat([.. y])).Solution.t();
            Close(expected.narrow(1, 0, model.HiddenSize), lens.Matrix(layer), 1e-6, $"A of layer {layer}");
        }

        var (sum, count) = (0.0, 0);
        foreach (var prompt in data.HeldOut)
        {
            var run = model.Forward(prompt, new() { Keep = model.Hooks() });
            for (var t = 0; t + ahead < prompt.Count; t++)
            {
                var own = Distributions.LogProbabilities(run.Logits[0, t + ahead]);
                var read = Distributions.LogProbabilities(model.Unembed(lens.At(model, 1).Apply(run[new(1, Site.ResidPost)][0, t])));
                sum += (own.exp() * (own - read)).sum().item<double>();
                count++;
            }
        }

        Assert.Equal(sum / count, lens.Manifest.HeldOut[1].Kl[1], 1e-9);
    }

    // Of the last layer, no token further: the map is the identity.
    [Fact]
    public void No_token_further_it_is_the_affine_lens()
    {
        using var scope = NewDisposeScope();
        using var model = Open(float64);
        using var lens = FutureLens.Fit(SmallFit.Data(model), 0, cancellation: TestContext.Current.CancellationToken);
        Close(eye(model.HiddenSize, dtype: float64), lens.Matrix(2), 1e-8, "A of the last layer");
        using var affine = AffineLens.Fit(SmallFit.Data(model), cancellation: TestContext.Current.CancellationToken);
        Close(affine.Matrix(0), lens.Matrix(0), 1e-12, "A of layer 0");
        Says(Assert.Throws<FitException>(() => FutureLens.Fit(SmallFit.Data(model), 4, cancellation: TestContext.Current.CancellationToken)), "0 to 3", "got 4");
    }

    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void Both_forms_agree_in_every_cell(string name)
    {
        using var model = Open(float64, name);
        using var lens = FutureLens.Fit(SmallFit.Data(model), 2, new() { Ridge = 0.01 }, cancellation: TestContext.Current.CancellationToken);
        var technique = new FittedTechnique(lens);
        var prompt = model.FromIds(model.RandomIds(6, seed: 1));
        var (one, other) = (Read(technique), Read(new LensPatchscope(technique)));
        Assert.All(one.Cells.Zip(other.Cells), cells =>
        {
            Assert.Equal(cells.First.Entropy, cells.Second.Entropy, 1e-5);
            Assert.Equal(cells.First.Top[0].Id, cells.Second.Top[0].Id);
        });

        LensResult Read(NextTokenTechnique how) => model.Read(prompt, how, TestContext.Current.CancellationToken);
    }
}
