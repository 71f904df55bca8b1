using System.Globalization;
using System.Text.Json.Serialization;

namespace Logitscope.Metrics;

/// <summary>A mean with its confidence interval.</summary>
/// <param name="Mean">The mean of the sample.</param>
/// <param name="Low">Lower end; negative infinity where nothing can be said.</param>
/// <param name="High">Upper end; positive infinity where nothing can be said.</param>
public readonly record struct Interval(double Mean, double Low, double High)
{
    /// <summary>A number that nothing is known of but itself.</summary>
    /// <param name="mean">The number.</param>
    /// <returns>It, between infinite ends.</returns>
    public static Interval Open(double mean) => new(mean, double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether there is an interval at all: its ends are finite.</summary>
    [JsonIgnore]
    public bool HasEnds => double.IsFinite(Low) && double.IsFinite(High);

    /// <summary>The interval where mean and ends cannot lie outside of bounds.</summary>
    /// <param name="least">The lower bound.</param>
    /// <param name="most">The upper bound.</param>
    /// <returns>The same mean; no end is beyond its bound.</returns>
    public Interval Within(double least, double most) =>
        HasEnds ? this with { Low = Math.Max(least, Low), High = Math.Min(most, High) } : this;

    /// <summary>Mean and ends with every digit: <c>0.5 [0.4, 0.6]</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean} [{Low}, {High}]");
}
