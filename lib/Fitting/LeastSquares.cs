namespace Logitscope;

/// <summary>
/// Linear least squares over a stream: <c>min sum |W x + b - y|^2 + ridge |W|^2</c>. Only the sums of the normal equations are
/// kept, in float64, and solved by Cholesky's decomposition.
/// </summary>
/// <param name="input">Width of x.</param>
/// <param name="output">Width of y.</param>
/// <param name="intercept">Whether there is a b.</param>
public sealed class LeastSquares(int input, int output, bool intercept) : IDisposable
{
    private const double Singular = 1e-7; // a pivot's square is then within float64's rounding of what was subtracted from it

    private readonly int _columns = input + (intercept ? 1 : 0);
    private Tensor? _inner; // X'X
    private Tensor? _cross; // X'Y

    /// <summary>How many pairs there were.</summary>
    public long Count { get; private set; }

    /// <summary>Takes pairs.</summary>
    /// <param name="x"><c>[n, input]</c>.</param>
    /// <param name="y"><c>[n, output]</c>.</param>
    /// <exception cref="FitException">Shapes differ from those.</exception>
    public void Add(Tensor x, Tensor y)
    {
        if (x.shape is not [var n, var width] || width != input || !y.shape.SequenceEqual([n, output]))
        {
            throw new FitException(
                $"least squares: expected [n, {input}] and [n, {output}], got {TorchRuntime.Describe(x)} and {TorchRuntime.Describe(y)}");
        }

        using var scope = NewDisposeScope();
        var (wide, target) = (x.to(float64), y.to(float64));
        wide = intercept ? cat([wide, ones_like(wide.narrow(1, 0, 1))], dim: 1) : wide; // [n, columns]
        _inner ??= zeros([_columns, _columns], float64, x.device).DetachFromDisposeScope();
        _cross ??= zeros([_columns, output], float64, x.device).DetachFromDisposeScope();
        _inner.add_(wide.t().mm(wide));
        _cross.add_(wide.t().mm(target));
        Count += n;
    }

    /// <summary>Solves for what was taken so far.</summary>
    /// <param name="ridge">Added to the diagonal of X'X, but not for b.</param>
    /// <returns>W <c>[output, input]</c> and b <c>[output]</c>, float64; b is null without an intercept.</returns>
    /// <exception cref="FitException">The ridge is negative, or the pairs do not determine W: there are too few, or they depend on each other.</exception>
    public (Tensor Weight, Tensor? Bias) Solve(double ridge = 0)
    {
        if (!(ridge >= 0 && double.IsFinite(ridge)))
        {
            throw new FitException($"least squares: expected a ridge of 0 or more, got {ridge}");
        }

        if (_inner is null || _cross is null || (ridge == 0 && Count < _columns))
        {
            throw Undetermined();
        }

        using var scope = NewDisposeScope();
        var penalty = full([_columns], ridge, float64, _inner.device);
        penalty.narrow(0, input, _columns - input).zero_();
        var matrix = _inner + penalty.diag();
        var scale = matrix.diagonal().clamp_min(double.Epsilon).rsqrt(); // to a unit diagonal, so that pivots can be judged
        var (factor, info) = linalg.cholesky_ex(matrix * scale.unsqueeze(0) * scale.unsqueeze(1));
        if (info.item<int>() != 0 || !(factor.diagonal().min().item<double>() > Singular))
        {
            throw Undetermined();
        }

        var solution = (_cross * scale.unsqueeze(1)).cholesky_solve(factor) * scale.unsqueeze(1); // [columns, output]
        var weight = solution.narrow(0, 0, input).t().contiguous().MoveToOuterDisposeScope();
        return (weight, intercept ? solution.select(0, input).clone().MoveToOuterDisposeScope() : null);
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        _inner?.Dispose();
        _cross?.Dispose();
    }

    private FitException Undetermined() => new(
        $"least squares: expected at least {_columns} independent vectors of width {input}, got {Count} that do not determine the map; "
        + "take more prompts or a ridge");
}
