namespace Logitscope;

/// <summary>
/// The affine baseline of Ghandeharioun et al., arXiv 2401.06102, section 4.1, there called the tuned lens:
/// <c>softmax(W_U N(A_l h_l + b_l))</c> with A and b by least squares to the last block's output. The paper's code fits them
/// to the final norm of that and then normalises again; that is <see cref="DoubleNormKind"/>.
/// </summary>
public static class AffineLens
{
    /// <summary>Its name.</summary>
    public const string Kind = "affine";

    /// <summary>The name of the variant whose target is normalised, so that it is normalised twice.</summary>
    public const string DoubleNormKind = "affine-double-norm";

    /// <summary>Fits it.</summary>
    /// <param name="data">The model and its prompts.</param>
    /// <param name="options">How.</param>
    /// <param name="doubleNorm">Whether the target is behind the final norm.</param>
    /// <param name="progress">Told after each piece of the data.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The lens.</returns>
    /// <exception cref="FitException">There are fewer residuals than a layer is wide.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FittedLens Fit(
        FitData data,
        LeastSquaresOptions? options = null,
        bool doubleNorm = false,
        IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default) => LeastSquaresLens.Fit(
            doubleNorm ? DoubleNormKind : Kind, data, options ?? new(), intercept: true,
            doubleNorm ? data.Model.FinalNorm : last => last, progress, cancellation);
}

/// <summary>How a lens is fitted by least squares.</summary>
public sealed record LeastSquaresOptions
{
    /// <summary>The layers. Default: null, all but the last.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The ridge, as a multiple of the number of residuals. Default: 0, none.</summary>
    public double Ridge { get; init; }
}

/// <summary>Lenses that least squares fit, all layers in one pass over the data.</summary>
internal static class LeastSquaresLens
{
    public static FittedLens Fit(
        string kind, FitData data, LeastSquaresOptions options, bool intercept, Func<Tensor, Tensor> target,
        IProgress<FitProgress>? progress, CancellationToken cancellation, int ahead = 0)
    {
        var (model, layers) = (data.Model, LensLoss.LayersOf(data.Model, options.Layers));
        using var scope = NewDisposeScope();
        LeastSquares[] sums = [.. layers.Select(_ => new LeastSquares(model.HiddenSize, model.HiddenSize, intercept))];
        try
        {
            var meter = new FitMeter(data.Training.Count, progress);
            foreach (var run in data.Residuals(data.Training, cancellation))
            {
                using var piece = NewDisposeScope();
                var (from, to) = LensLoss.Pairs(run, ahead);
                var (rows, last) = (tensor(from, device: model.Device), target(run.Last().index_select(0, tensor(to, device: model.Device))));
                foreach (var (layer, sum) in layers.Zip(sums))
                {
                    sum.Add(run.At(new(layer, Site.ResidPost)).index_select(0, rows), last);
                }

                meter.Add(run.Places.DistinctBy(place => place.Prompt).Count());
            }

            var type = model.Dtype == float64 ? float64 : float32;
            AffineMapping[] maps =
            [
                .. sums.Select(sum => sum.Solve(options.Ridge * sum.Count)).Select(map => new AffineMapping(kind, map.Weight.to(type), map.Bias?.to(type))),
            ];
            HeldOutLoss[] heldOut =
            [
                new(0, LensLoss.HeldOut(data, layers, _ => Mapping.Identity, cancellation, ahead)),
                new(1, LensLoss.HeldOut(data, layers, place => maps[place], cancellation, ahead)),
            ];
            return new FittedLens(
                FittedManifest.Of(kind, data, layers, options, heldOut) with { Ahead = ahead },
                layers.Zip(maps).Select(map => (map.First, map.Second.Weight, map.Second.Bias)));
        }
        finally
        {
            Array.ForEach(sums, sum => sum.Dispose());
        }
    }
}
