namespace Logitscope;

/// <summary>
/// The linear future lens: <c>softmax(W_U N(A_l h_l[t] + b_l))</c> foretells what the model says n tokens further, at t + n, with A and b
/// by least squares to <c>h_L[t + n]</c>. Pal et al., arXiv 2311.04897, who go on from there by gradient descent; that is not done here.
/// </summary>
public static class FutureLens
{
    /// <summary>Its names, of one to three tokens further.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. Enumerable.Range(1, 3).Select(KindOf)];

    /// <summary>The name of the lens of n tokens further.</summary>
    /// <param name="ahead">n.</param>
    /// <returns>For example <c>future-2</c>.</returns>
    public static string KindOf(int ahead) => $"future-{ahead}";

    /// <summary>Fits it.</summary>
    /// <param name="data">The model and its prompts; all of their positions are read.</param>
    /// <param name="ahead">n: 0 is the affine lens, 1 foretells the token after the next one.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each piece of the data.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The lens; its held-out loss is of the model's own distribution n tokens further.</returns>
    /// <exception cref="FitException">There are fewer pairs of residuals than a layer is wide.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FittedLens Fit(
        FitData data, int ahead, LeastSquaresOptions? options = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default) =>
        ahead is >= 0 and <= 3
            ? LeastSquaresLens.Fit(
                KindOf(ahead), data, (options ?? new()) with { Layers = options?.Layers ?? [.. Enumerable.Range(0, data.Model.Layers)] },
                intercept: true, last => last, progress, cancellation, ahead)
            : throw new FitException($"a future lens: expected 0 to 3 tokens further, got {ahead}");
}
