namespace Logitscope.Charts;

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

    /// <summary>The smallest of 1, 2 and 5 times a power of ten that cuts a span into few enough parts.</summary>
    /// <param name="span">The length of the axis, above 0.</param>
    /// <param name="parts">How many parts at most.</param>
    public static double StepFor(double span, int parts)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / parts)));
        return s_digits.Select(digit => digit * power).First(step => span <= step * parts * (1 + 1e-9));
    }
}
