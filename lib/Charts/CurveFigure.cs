using Logitscope.Charts.Rendering;

namespace Logitscope.Charts;

/// <summary>Lines over a numeric axis, each with a shaded interval where its points have one.</summary>
public sealed record CurveFigure : Figure
{
    /// <summary>The axis along the bottom.</summary>
    public required Axis X { get; init; }

    /// <summary>The axis at the left.</summary>
    public required Axis Y { get; init; }

    /// <summary>The lines, in the order of the legend; the last is drawn on top.</summary>
    /// <exception cref="ChartException">No curve, or a curve without points.</exception>
    public required IReadOnlyList<Curve> Curves { get; init => field = Checked(value); }

    internal override IFigureRenderer Renderer => new CurveRenderer(this);

    private static IReadOnlyList<Curve> Checked(IReadOnlyList<Curve> curves)
    {
        if (curves.Count == 0)
        {
            throw new ChartException("A figure of curves needs at least one curve, got none.");
        }

        if (curves.FirstOrDefault(curve => curve.Points.Count == 0) is { } empty)
        {
            throw new ChartException($"Curve '{empty.Name}' needs at least one point, got none.");
        }

        return curves;
    }
}
