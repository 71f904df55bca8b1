using TorchSharp.Modules;

namespace Logitscope;

/// <summary>
/// The tuned lens: <c>softmax(W_U N(h_l + A_l h_l + b_l))</c>, with A and b zero at first, which is the logit lens, and learned to
/// bring <c>KL(model || lens)</c> down. Belrose et al., arXiv 2303.08112.
/// </summary>
public static class TunedLens
{
    /// <summary>Its name.</summary>
    public const string Kind = "tuned-lens";

    /// <summary>Fits it.</summary>
    /// <param name="data">The model and its prompts.</param>
    /// <param name="options">How. Default: the paper's optimiser.</param>
    /// <param name="checkpoint">A file from which a fit that was stopped goes on; null for none.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The lens of the best held-out loss.</returns>
    /// <exception cref="LogitscopeException">Data or options do not fit, or the loss is no number.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FittedLens Fit(
        FitData data,
        TunedLensOptions? options = null,
        string? checkpoint = null,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        var (model, layers) = (data.Model, LensLoss.LayersOf(data.Model, options.Layers));
        using var scope = NewDisposeScope();
        var type = model.Dtype == float64 ? float64 : float32;
        (Parameter A, Parameter B)[] maps =
        [
            .. layers.Select(_ => (
                new Parameter(zeros([model.HiddenSize, model.HiddenSize], type, model.Device)), new Parameter(zeros([model.HiddenSize], type, model.Device)))),
        ];
        AffineMapping[] lens = [.. maps.Select(map => new AffineMapping(Kind, map.A, map.B, AddsInput: true))];
        using var optimisation = new Optimisation(
            [.. layers.Zip(maps).SelectMany(pair => new[] { ($"weight.{pair.First}", pair.Second.A), ($"bias.{pair.First}", pair.Second.B) })], options);
        using var batches = data.Batches(options.TokensPerStep).GetEnumerator();
        var taken = 0;
        var heldOut = optimisation.Run(
            Step, () => LensLoss.HeldOut(data, layers, place => lens[place], cancellation),
            checkpoint, $"{Kind} {model.Fingerprint} {data.Hash} {FittedManifest.OptionsOf(options)}", progress, cancellation);
        return new FittedLens(
            FittedManifest.Of(Kind, data, layers, options, heldOut, addsInput: true),
            layers.Zip(maps).Select(pair => (pair.First, pair.Second.A.detach(), (Tensor?)pair.Second.B.detach())));

        double Step(int number)
        {
            for (; taken <= number; taken++) // of those that an earlier run took, only the names
            {
                batches.MoveNext();
            }

            using var run = data.Read(batches.Current, cancellation);
            var sum = 0.0;
            LensLoss.Each(model, run, layers, (place, residuals, kl) =>
            {
                var loss = kl(lens[place].Apply(residuals)) / run.Places.Count; // each layer by itself: their maps share nothing
                loss.backward();
                sum += loss.ToDouble();
            });
            return sum / layers.Count;
        }
    }
}

/// <summary>How a tuned lens is fitted.</summary>
public sealed record TunedLensOptions : OptimiserOptions
{
    /// <summary>The layers. Default: null, all but the last.</summary>
    public IReadOnlyList<int>? Layers { get; init; }
}

/// <summary>
/// A lens folder of the package tuned-lens (AlignmentResearch), <c>config.json</c> and <c>params.pt</c>. Its translator i reads
/// the input of block i: resid_post of block i - 1. Number 0 reads the embedding, and nothing here does.
/// </summary>
internal static class TunedLensPackage
{
    private const string ParametersFile = "params.pt";

    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, ParametersFile));

    public static FittedLens Load(string folder, LanguageModel model)
    {
        var config = ConfigReader.Open(folder);
        var (hidden, layers) = (config.Count("d_model"), config.Count("num_hidden_layers"));
        if ((hidden, layers) != (model.HiddenSize, model.Layers) || config.Text("lens_type", "linear_tuned_lens") != "linear_tuned_lens")
        {
            throw new FitException(
                $"{folder}: expected a linear tuned lens of {model.Layers} layers of width {model.HiddenSize}, got a "
                + $"{config.Text("lens_type", "linear_tuned_lens")} of {layers} of width {hidden}");
        }

        var type = model.Dtype == float64 ? float64 : float32;
        var file = PyTorchFile.Open(Path.Combine(folder, ParametersFile));
        int[] read = [.. Enumerable.Range(0, layers - 1)];
        return new FittedLens(
            new FittedManifest(
                TunedLens.Kind, Model: null, model.Architecture, model.Arithmetic, hidden, Site.ResidPost, read, AddsInput: true, Data: "", Prompts: 0,
                HeldOutPrompts: 0, FittedManifest.OptionsOf(new { source = config.Text("base_model_name_or_path") }), [], Library: "tuned-lens"),
            read.Select(layer => (layer, Read($"{layer + 1}.weight", hidden, hidden), config.Flag("bias", true) ? Read($"{layer + 1}.bias", hidden) : (Tensor?)null)));

        Tensor Read(string name, params long[] shape) => file.Read(name, shape, new(type, model.Device)).clone();
    }
}
