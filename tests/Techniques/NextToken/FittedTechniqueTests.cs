using Logitscope.Tests.Checkpoints;
using Logitscope.Tests.Fitting;
using Logitscope.Tests.Models;
using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Techniques.NextToken;

/// <summary>Lenses that are fitted, each against its formula, its limiting case and its other form.</summary>
public sealed class FittedTechniqueTests : IDisposable
{
    private static readonly TunedLensOptions s_quick =
        new() { Optimiser = OptimiserKind.AdamW, LearningRate = 0.01, Steps = 40, TokensPerStep = 128, EvaluateEvery = 20 };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Kinds() => [.. FittedTechnique.Kinds.Except(FutureLens.Kinds)];

    // Of each family, since the two forms end in its final norm and head by two ways.
    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void Every_lens_is_its_formula_and_the_same_as_a_patchscope_in_every_cell(string name)
    {
        using var model = Open(float64, name);
        var examples = SmallFit.Examples(model, 12);
        foreach (var kind in FittedTechnique.Kinds.Except(FutureLens.Kinds))
        {
            using var lens = Fit(kind, model, random: true);
            var technique = new FittedTechnique(lens);
            var options = new SweepOptions { Techniques = [technique, new LensPatchscope(technique)], BatchSize = 5 };
            var rows = Sweep.Run(model, examples, options, cancellation: TestContext.Current.CancellationToken).Rows.ToLookup(row => row.Method);
            Assert.Equal(12 * model.Layers, rows[kind].Count());
            foreach (var (original, patched) in rows[kind].Zip(rows[$"{kind}-patchscope"]))
            {
                Assert.Equal((original.Layer, original.Prompt, original.Predicted, original.Rank), (patched.Layer, patched.Prompt, patched.Predicted, patched.Rank));
                Assert.Equal(original.Surprisal, patched.Surprisal, 1e-5);
                Assert.Equal(original.Kl, patched.Kl, 1e-5);

                var ids = model.FromIds(examples[original.Prompt].Ids!.Take(original.Position + 1)).ToTensor();
                var run = model.Forward(ids, new() { Keep = [new(original.Layer, Site.ResidPost)] });
                var h = run.Residuals[new(original.Layer, Site.ResidPost)].select(1, original.Position); // [1, hidden]
                var read = model.Unembed(ByHand(lens, h, original.Layer, model.Layers));
                var score = Assert.Single(Metrics.NaiveScore.Compare(run.Logits.select(1, original.Position), read));
                Assert.Equal(score.Predicted, original.Predicted);
                Assert.Equal(score.Kl, original.Kl, 1e-5);
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void A_tuned_lens_that_has_learned_nothing_is_the_logit_lens_bit_for_bit(ScalarType dtype)
    {
        using var model = Open(dtype);
        using var lens = Zero(model);
        var options = new SweepOptions { Techniques = [NextTokenTechnique.LogitLens, new FittedTechnique(lens)] };
        var rows = Sweep.Run(model, SmallFit.Examples(model, 9), options, cancellation: TestContext.Current.CancellationToken).Rows.ToLookup(row => row.Method);
        Assert.Equal(rows["logit-lens"], rows["tuned-lens"].Select(row => row with { Method = "logit-lens" }));
    }

    [Theory]
    [MemberData(nameof(OfEachFamily), MemberType = typeof(TinyModel))]
    public void A_tuned_lens_is_nearer_to_the_model_than_the_logit_lens_at_every_layer_but_the_last_and_is_the_model_there(string name)
    {
        using var model = Open(name: name);
        using var lens = TunedLens.Fit(SmallFit.Data(model), s_quick, cancellation: TestContext.Current.CancellationToken);
        var first = lens.Manifest.HeldOut[0].Kl;
        var best = lens.Manifest.HeldOut.MinBy(loss => loss.Kl.Average())!.Kl;
        Assert.Equal(Enumerable.Range(0, model.Layers - 1), lens.Manifest.Layers);
        Assert.All(first.Zip(best), kl => Assert.True(kl.Second < 0.95 * kl.First, $"{kl}"));

        var options = new SweepOptions { Techniques = [new FittedTechnique(lens)] };
        var rows = Sweep.Run(model, SmallFit.Examples(model, 9), options, cancellation: TestContext.Current.CancellationToken).Rows;
        Assert.All(rows.Where(row => row.Layer == model.Layers - 1), row => Assert.Equal((1, 0.0), (row.PrecisionAt1, Math.Round(row.Kl, 5))));
    }

    // The loss that is reported is the mean divergence of a sweep's rows over the same positions.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_held_out_loss_is_the_divergence_that_a_sweep_measures(string kind)
    {
        using var model = Open(float64);
        using var lens = Fit(kind, model);
        var data = SmallFit.Data(model);
        var expected = zeros(lens.Manifest.Layers.Count, float64);
        var count = 0;
        foreach (var prompt in data.HeldOut)
        {
            var run = model.Forward(prompt.ToTensor(), new() { Keep = model.Hooks() });
            var own = Distributions.LogProbabilities(run.Logits.squeeze(0));
            foreach (var (place, layer) in lens.Manifest.Layers.Index())
            {
                var read = Distributions.LogProbabilities(model.Unembed(ByHand(lens, run.Residuals[new(layer, Site.ResidPost)].squeeze(0), layer, model.Layers)));
                expected[place] += (own.exp() * (own - read)).sum();
            }

            count += prompt.Count;
        }

        var said = lens.Manifest.HeldOut.MinBy(loss => loss.Kl.Average())!.Kl;
        Close(expected / count, tensor(said.ToArray()), 1e-9, "held-out KL");
    }

    // In closed form, over all residuals at once.
    [Fact]
    public void The_affine_baseline_and_jump_are_least_squares_to_the_last_layer_with_and_without_its_norm()
    {
        using var model = Open(float64);
        var data = SmallFit.Data(model);
        var hooks = model.Hooks();
        var runs = data.Training.Select(prompt => model.Forward(prompt.ToTensor(), new() { Keep = hooks })).ToArray();
        Tensor All(int layer) => cat([.. runs.Select(run => run.Residuals[new(layer, Site.ResidPost)].squeeze(0))]);
        var last = All(2);
        var h = All(1);
        var augmented = cat([h, ones(h.size(0), 1, float64)], 1);
        foreach (var (kind, expected) in new[]
        {
            (JumpToConclusions.Kind, linalg.lstsq(h, last).Solution.t()),
            (AffineLens.Kind, linalg.lstsq(augmented, last).Solution.t()),
            (AffineLens.DoubleNormKind, linalg.lstsq(augmented, model.FinalNorm(last)).Solution.t()),
        })
        {
            using var lens = Fit(kind, model);
            var map = Assert.IsType<AffineMapping>(lens.At(model, 1));
            Close(expected.narrow(1, 0, model.HiddenSize), map.Weight, 1e-7, kind);
            Assert.Equal(kind == JumpToConclusions.Kind, map.Bias is null);
        }
    }

    [Fact]
    public void The_last_layer_maps_to_itself()
    {
        using var model = Open(float64);
        using var lens = JumpToConclusions.Fit(SmallFit.Data(model), new() { Layers = [2] }, cancellation: TestContext.Current.CancellationToken);
        Close(eye(model.HiddenSize, dtype: float64), ((AffineMapping)lens.At(model, 2)).Weight, 1e-8, "A of the last layer");
    }

    [Fact]
    public void A_fit_that_was_stopped_goes_on_to_the_same_lens()
    {
        using var model = Open();
        var file = _folder.PathOf("unfinished.safetensors");
        using var whole = TunedLens.Fit(SmallFit.Data(model), s_quick, cancellation: TestContext.Current.CancellationToken);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TunedLens.Fit(SmallFit.Data(model), s_quick, file, new StopAt(27, stop), stop.Token));
        using var resumed = TunedLens.Fit(SmallFit.Data(model), s_quick, file, cancellation: TestContext.Current.CancellationToken);
        Identical(((AffineMapping)whole.At(model, 0)).Weight, ((AffineMapping)resumed.At(model, 0)).Weight, "A");
        Assert.Equal(whole.Manifest.HeldOut.SelectMany(loss => loss.Kl), resumed.Manifest.HeldOut.SelectMany(loss => loss.Kl));
    }

    // Translator i reads the input of block i: number 0 the embedding, number 1 resid_post.0.
    [Fact]
    public void A_folder_of_the_package_tuned_lens_is_read_and_its_numbers_are_shifted_by_one()
    {
        using var model = Open(float64);
        var d = model.HiddenSize;
        var numbers = randn(model.Layers * ((d * d) + d));
        var size = (d * d) + d;
        _folder.Write("params.pt", RawPyTorch.With(
            RawPyTorch.StateDict([.. Enumerable.Range(0, model.Layers).SelectMany(i => new[]
            {
                ($"{i}.weight", RawPyTorch.Tensor("FloatStorage", "0", model.Layers * size, i * size, [d, d], [d, 1])),
                ($"{i}.bias", RawPyTorch.Tensor("FloatStorage", "0", model.Layers * size, (i * size) + (d * d), [d], [1])),
            })]),
            numbers.bytes.ToArray()));
        _folder.Write("config.json", Config(d, model.Layers));
        var technique = Assert.IsType<FittedTechnique>(FittedTechnique.Load(TunedLens.Kind, _folder.Path, model));
        using var lens = technique.Fitted;
        var h = randn(5, d, float64);
        for (var layer = 0; layer < model.Layers - 1; layer++)
        {
            var own = numbers.narrow(0, (layer + 1) * size, size).to(float64);
            var expected = h + h.mm(own.narrow(0, 0, d * d).reshape(d, d).t()) + own.narrow(0, d * d, d);
            Close(expected, lens.At(model, layer).Apply(h), 1e-12, $"layer {layer}");
        }

        Identical(h, lens.At(model, model.Layers - 1).Apply(h), "the last layer");
        _folder.Write("config.json", Config(d + 1, model.Layers));
        Says(Assert.Throws<FitException>(() => FittedTechnique.Load(TunedLens.Kind, _folder.Path, model)), "3 layers of width 48", "of 3 of width 49");

        static string Config(int width, int layers) =>
            $$"""{"base_model_name_or_path": "a/b", "d_model": {{width}}, "num_hidden_layers": {{layers}}, "bias": true, "unembed_hash": "0", "lens_type": "linear_tuned_lens"}""";
    }

    [Fact]
    public void What_was_never_fitted_is_refused()
    {
        using var model = Open();
        Says(Assert.Throws<FitException>(() => FittedTechnique.Load("logit-lens", _folder.Path, model)), "tuned-lens, affine", "'logit-lens'");
        Says(
            Assert.Throws<LogitscopeException>(() => new LensPatchscope(NextTokenTechnique.LogitLensPatchscope).ReadingOf(model, 0)),
            "logit-lens-patchscope-patchscope", "reads directly");
    }

    private static FittedLens Fit(string kind, LanguageModel model, bool random = false)
    {
        var data = SmallFit.Data(model);
        var squares = new LeastSquaresOptions { Ridge = random ? 0.01 : 0 };
        return kind switch
        {
            TunedLens.Kind => TunedLens.Fit(data, s_quick with { Steps = 10, EvaluateEvery = 5 }),
            JacobianLens.Kind => JacobianLens.Fit(data, new() { Skip = 3 }),
            JumpToConclusions.Kind => JumpToConclusions.Fit(data, squares),
            AffineLens.Kind => AffineLens.Fit(data, squares),
            AffineLens.DoubleNormKind => AffineLens.Fit(data, squares, doubleNorm: true),
            _ => throw new NotSupportedException(kind),
        };
    }

    private static FittedLens Zero(LanguageModel model)
    {
        var type = model.Dtype == float64 ? float64 : float32;
        var manifest = new FittedManifest(
            TunedLens.Kind, model.Fingerprint, "gptj", model.Arithmetic, model.HiddenSize, Site.ResidPost, [0, 1], AddsInput: true, "", 0, 0, default, [], "");
        return new FittedLens(manifest, [Map(0), Map(1)]);

        (int, Tensor, Tensor?) Map(int layer) => (layer, zeros([model.HiddenSize, model.HiddenSize], type), zeros([model.HiddenSize], type));
    }

    // h + A h + b or A h + b, one product a row; the last layer as it is.
    private static Tensor ByHand(FittedLens lens, Tensor h, int layer, int layers)
    {
        if (layer == layers - 1)
        {
            return h;
        }

        Assert.Equal(lens.Manifest.Kind == TunedLens.Kind, lens.Manifest.AddsInput);
        using var folder = new TemporaryFolder();
        lens.Save(folder.Path);
        var file = Logitscope.SafetensorsFile.Open(folder.PathOf(FittedLens.TensorFile));
        var weight = file.Read(lens.Manifest.Kind == "jacobian" ? $"jacobian.{layer}" : $"weight.{layer}").clone();
        var mapped = stack([.. Enumerable.Range(0, (int)h.size(0)).Select(row => weight.mv(h.select(0, row)))]);
        mapped = file.Has($"bias.{layer}") ? mapped + file.Read($"bias.{layer}") : mapped;
        return lens.Manifest.Kind == TunedLens.Kind ? h + mapped : mapped;
    }

    private sealed class StopAt(int step, CancellationTokenSource stop) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Done == step)
            {
                stop.Cancel();
            }
        }
    }
}
