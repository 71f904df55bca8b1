namespace Logitscope;

/// <summary>Lines over a numeric axis, each with a shaded interval where its points have one.</summary>
public sealed record CurveFigure : ChartFigure
{
    /// <summary>The axis along the bottom.</summary>
    public required Axis X { get; init; }

    /// <summary>The axis at the left.</summary>
    public required Axis Y { get; init; }

    /// <summary>The lines, in the order of the legend; the last is drawn on top.</summary>
    /// <exception cref="ChartException">No curve, or a curve without points.</exception>
    public required IReadOnlyList<Curve> Curves { get; init => field = Checked(value); }

    internal override IFigureRenderer Renderer => new CurveRenderer(this);

    /// <summary>Draws lines, or with <see cref="Dash.None"/> points, on axes that hold all of them.</summary>
    /// <param name="title">What the figure shows.</param>
    /// <param name="x">The quantity along the bottom and its unit.</param>
    /// <param name="y">The quantity at the left and its unit.</param>
    /// <param name="curves">The lines.</param>
    /// <exception cref="ChartException">No curve, a curve without points, or a number that is not finite.</exception>
    public static CurveFigure Of(string title, string x, string y, params IReadOnlyList<Curve> curves)
    {
        var points = Checked(curves).SelectMany(curve => curve.Points).ToArray();
        return new CurveFigure
        {
            Title = title,
            X = Axis.Over(x, points.Select(point => point.X)),
            Y = Axis.Over(y, points.SelectMany(point => point.Y.HasEnds ? new[] { point.Y.Low, point.Y.High } : [point.Y.Mean])),
            Curves = curves,
        };
    }

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

/// <summary>One line of a figure.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Look">Colour and dash.</param>
/// <param name="Points">From left to right.</param>
public sealed record Curve(string Name, LineLook Look, IReadOnlyList<CurvePoint> Points);

/// <summary>One point of a line.</summary>
/// <param name="X">Where along the bottom.</param>
/// <param name="Y">The value, finite, and its 95 % interval; without ends it draws no band here.</param>
/// <param name="Hover">What a reader sees on pointing at it, beside the name of the curve and the place.</param>
public sealed record CurvePoint(double X, Interval Y, string Hover)
{
    /// <summary>A point without an interval.</summary>
    /// <param name="x">Where along the bottom.</param>
    /// <param name="y">The value, finite.</param>
    public CurvePoint(double x, double y)
        : this(x, Interval.Open(y), Numbers.Short(y))
    {
    }
}

/// <summary>The dashes of a line: they tell lines apart in print and for every kind of colour sight.</summary>
public enum Dash
{
    /// <summary>No gaps.</summary>
    Solid,

    /// <summary>Strokes.</summary>
    Dashed,

    /// <summary>Points.</summary>
    Dotted,

    /// <summary>A stroke and a point in turn.</summary>
    DashDot,

    /// <summary>Long strokes.</summary>
    LongDash,

    /// <summary>No line: a dot at each point.</summary>
    None,
}

/// <summary>How a line is drawn.</summary>
/// <param name="Color">Six hexadecimal digits after #.</param>
/// <param name="Dash">Its dashes.</param>
public sealed record LineLook(string Color, Dash Dash);

/// <summary>A numeric axis.</summary>
/// <param name="Title">The quantity and its unit.</param>
/// <param name="Min">The value at its start.</param>
/// <param name="Max">The value at its end, above <paramref name="Min"/>.</param>
/// <param name="Step">The distance between ticks, which lie on its multiples.</param>
public sealed record Axis(string Title, double Min, double Max, double Step)
{
    private static readonly int[] s_digits = [1, 2, 5, 10];

    /// <summary>The values that carry a tick, ascending.</summary>
    public IEnumerable<double> Ticks()
    {
        // 3 x 0.1 is a rounding above 0.3, and still belongs to an axis that ends there.
        var slack = Step * 1e-9;
        for (var i = (long)Math.Ceiling((Min - slack) / Step); i * Step <= Max + slack; i++)
        {
            yield return i * Step;
        }
    }

    /// <summary>An axis that holds some numbers, and a little more on both sides.</summary>
    /// <param name="title">The quantity and its unit.</param>
    /// <param name="values">At least one.</param>
    /// <exception cref="ChartException">One is not finite.</exception>
    public static Axis Over(string title, IEnumerable<double> values)
    {
        var all = values.ToArray();
        if (all.FirstOrDefault(value => !double.IsFinite(value)) is not 0 and var wrong)
        {
            throw new ChartException($"An axis holds finite numbers, got {wrong} of '{title}'.");
        }

        var (low, high) = (all.Min(), all.Max());
        var span = high > low ? high - low : Math.Max(1, Math.Abs(low));
        return new(title, low - (0.04 * span), high + (0.04 * span), StepFor(span, 8));
    }

    /// <summary>The smallest of 1, 2 and 5 times a power of ten that cuts a span into few enough parts.</summary>
    /// <param name="span">The length of the axis, above 0.</param>
    /// <param name="parts">How many parts at most.</param>
    public static double StepFor(double span, int parts)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / parts)));
        return s_digits.Select(digit => digit * power).First(step => span <= step * parts * (1 + 1e-9));
    }
}
