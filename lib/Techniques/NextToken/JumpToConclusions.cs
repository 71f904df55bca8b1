namespace Logitscope;

/// <summary>
/// Jump to conclusions: <c>softmax(W_U N(A_l h_l))</c> with <c>A_l = argmin sum |A h_l - h_L|^2</c>, without an intercept. Din et
/// al., arXiv 2303.09435, who take one random position of each prompt.
/// </summary>
public static class JumpToConclusions
{
    /// <summary>Its name.</summary>
    public const string Kind = "jump";

    /// <summary>Fits it.</summary>
    /// <param name="data">The model and its prompts.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told after each piece of the data.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The lens.</returns>
    /// <exception cref="FitException">There are fewer residuals than a layer is wide.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FittedLens Fit(
        FitData data, LeastSquaresOptions? options = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default) =>
        LeastSquaresLens.Fit(Kind, data, options ?? new(), intercept: false, last => last, progress, cancellation);
}
