using TorchSharp;
using static Logitscope.Tests.Models.TinyModel;
using static TorchSharp.torch;

namespace Logitscope.Tests.Fitting;

public sealed class LeastSquaresTests : IDisposable
{
    private const int Input = 7, Output = 5, Count = 60;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Generator _random = new(3);
    private readonly Tensor _x;
    private readonly Tensor _y;

    public LeastSquaresTests()
    {
        _x = (randn(Count, Input, float64, generator: _random) * tensor([1, 10, 100, 1, 1, 0.01, 1.0])) + 5; // far from the origin, of unlike widths
        _y = randn(Count, Output, float64, generator: _random);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _random.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(Count)]
    public void It_is_libtorchs_lstsq_however_the_pairs_come(int together)
    {
        var plain = linalg.lstsq(_x, _y).Solution.t();
        Close(plain, Solve(intercept: false, together: together).Weight, 1e-8, "W");

        var both = linalg.lstsq(cat([_x, ones(Count, 1, float64)], 1), _y).Solution; // [input + 1, output]
        var (weight, bias) = Solve(intercept: true, together: together);
        Close(both.narrow(0, 0, Input).t(), weight, 1e-8, "W");
        Close(both.select(0, Input), bias!, 1e-8, "b");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_ridge_below_nothing_is_refused(double ridge) =>
        Assert.Contains("a ridge of 0 or more", Assert.Throws<FitException>(() => Solve(intercept: true, ridge: ridge)).Message, StringComparison.Ordinal);

    // min |W x - y|^2 + ridge |W|^2 is plain least squares with the rows sqrt(ridge) I that are to be mapped to 0.
    [Fact]
    public void A_ridge_is_so_many_rows_more()
    {
        const double ridge = 3;
        var x = cat([cat([_x, ones(Count, 1, float64)], 1), cat([eye(Input, dtype: float64) * Math.Sqrt(ridge), zeros(Input, 1, float64)], 1)], 0);
        var expected = linalg.lstsq(x, cat([_y, zeros(Input, Output, float64)], 0)).Solution;
        var (weight, bias) = Solve(intercept: true, ridge: ridge);
        Close(expected.narrow(0, 0, Input).t(), weight, 1e-8, "W");
        Close(expected.select(0, Input), bias!, 1e-8, "b");
    }

    [Fact]
    public void What_is_left_is_orthogonal_to_what_came_in_and_a_map_that_is_there_is_found()
    {
        var (weight, bias) = Solve(intercept: true);
        var left = _x.mm(weight.t()) + bias! - _y;
        Assert.True(_x.t().mm(left).abs().max().item<double>() < 1e-6 * _x.abs().max().item<double>());
        Assert.True(left.sum([0]).abs().max().item<double>() < 1e-8);

        Close(eye(Input, dtype: float64), Solve(intercept: false, y: _x).Weight, 1e-9, "the identity");
    }

    [Fact]
    public void Too_few_vectors_or_such_as_depend_on_each_other_are_refused_unless_there_is_a_ridge()
    {
        using var few = new LeastSquares(Input, Output, intercept: true);
        Says(Assert.Throws<FitException>(() => few.Solve()), "at least 8", "got 0", "a ridge");
        few.Add(_x.narrow(0, 0, Input), _y.narrow(0, 0, Input));
        Says(Assert.Throws<FitException>(() => few.Solve()), "at least 8", "got 7");
        Assert.True(few.Solve(ridge: 1).Weight.isfinite().all().item<bool>());

        using var dependent = new LeastSquares(Input, Output, intercept: false);
        dependent.Add(cat([_x.narrow(1, 0, Input - 1), _x.narrow(1, 0, 1) * 2], 1), _y);
        Says(Assert.Throws<FitException>(() => dependent.Solve()), $"got {Count} that do not determine");
        Says(Assert.Throws<FitException>(() => dependent.Add(_x, _y.narrow(0, 0, 3))), "Float64[3, 5]");
        Says(Assert.Throws<FitException>(() => dependent.Add(_y, _y)), "[n, 7]", "Float64[60, 5]");
    }

    private (Tensor Weight, Tensor? Bias) Solve(bool intercept, int together = Count, double ridge = 0, Tensor? y = null)
    {
        using var sums = new LeastSquares(Input, (int)(y ?? _y).size(1), intercept);
        for (var first = 0; first < Count; first += together)
        {
            var count = Math.Min(together, Count - first);
            sums.Add(_x.narrow(0, first, count), (y ?? _y).narrow(0, first, count));
        }

        Assert.Equal(Count, sums.Count);
        return sums.Solve(ridge);
    }
}
