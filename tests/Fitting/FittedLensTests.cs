using Logitscope.Tests.Models;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Fitting;

public sealed class FittedLensTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _model = Open();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_gives_back_the_lens_and_what_it_was_fitted_on()
    {
        using var scope = NewDisposeScope();
        using var lens = Saved();
        using var read = FittedLens.Load(_folder.Path, _model, AffineLens.Kind);
        var h = randn(4, _model.HiddenSize);
        foreach (var layer in new[] { 0, 1, 2 })
        {
            Identical(lens.At(_model, layer).Apply(h), read.At(_model, layer).Apply(h), $"layer {layer}");
        }

        Identical(h, read.At(_model, 2).Apply(h), "the last layer");
        var (expected, got) = (lens.Manifest, read.Manifest);
        Assert.Equal((_model.Fingerprint, "gptj", "float32", Site.ResidPost), (got.Model, got.Architecture, got.Dtype, got.Site));
        Assert.Equal((32, 8), (got.Prompts, got.HeldOutPrompts));
        Assert.Equal([0, 1], got.Layers);
        Assert.Equal(expected.HeldOut.SelectMany(loss => loss.Kl), got.HeldOut.SelectMany(loss => loss.Kl));
        Assert.Equal((expected.Data, expected.Library), (got.Data, got.Library));
        Assert.Equal(0.01, got.Options.GetProperty("ridge").GetDouble());
    }

    [Fact]
    public void It_is_refused_on_another_model_kind_site_or_layer_by_name()
    {
        using var lens = Saved();
        using var wide = Open(float64);
        Says(Refused(wide), "affine", "expected the model that it was fitted on, gptj", "in float32", "in float64");
        using var changed = new TemporaryFolder();
        Change(changed, weights => weights["transformer.ln_f.bias"].add_(1e-3));
        using var other = LanguageModel.Load(changed.Path);
        Says(Refused(other), "fitted on");
        Says(Assert.Throws<FitException>(() => lens.At(other, 0)), "fitted on");
        using var fresh = Open();
        Says(Assert.Throws<FitException>(() => FittedLens.Load(_folder.Path, fresh, JumpToConclusions.Kind)), "expected a fitted jump, got affine");
        Says(Assert.Throws<FitException>(() => FittedLens.Load(_folder.PathOf("nowhere"), fresh, AffineLens.Kind)), "nowhere", "not a fitted affine");
        Says(Assert.Throws<ModelException>(() => Fit(new() { Layers = [3] })), "layer: expected 0 to 2, got 3");

        using var first = Fit(new() { Layers = [0], Ridge = 0.01 });
        Says(Assert.Throws<FitException>(() => first.At(_model, 1)), "affine at layer 1", "one of the layers 0");

        var manifest = File.ReadAllText(_folder.PathOf(FittedLens.ManifestFile));
        _folder.Write(FittedLens.ManifestFile, manifest.Replace("resid_post", "resid_pre"));
        Says(Refused(fresh), "the site resid_post", "resid_pre");
        _folder.Write(FittedLens.ManifestFile, manifest.Replace("\"hidden_size\": 48", "\"hidden_size\": 47"));
        Says(Refused(fresh), "not a fitted affine", "weight.0");
        _folder.Write(FittedLens.ManifestFile, "{}");
        Says(Refused(fresh), "not a fitted affine");

        FitException Refused(LanguageModel model) => Assert.Throws<FitException>(() => FittedLens.Load(_folder.Path, model, AffineLens.Kind).Dispose());
    }

    private FittedLens Fit(LeastSquaresOptions options) =>
        AffineLens.Fit(SmallFit.Data(_model), options, cancellation: TestContext.Current.CancellationToken);

    private FittedLens Saved()
    {
        var lens = Fit(new() { Ridge = 0.01 });
        lens.Save(_folder.Path);
        return lens;
    }
}
