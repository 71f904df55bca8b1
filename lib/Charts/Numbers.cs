using Logitscope.Metrics;

namespace Logitscope.Charts;

/// <summary>How numbers are written for people; files keep every digit.</summary>
internal static class Numbers
{
    /// <summary>Three decimals, so that numbers line up below each other.</summary>
    public static string Fixed(double value) => $"{value:0.000}";

    /// <summary>Three decimals, or two digits and a power of ten where those would show nothing.</summary>
    public static string Short(double value) =>
        value != 0 && Math.Abs(value) < 0.001 ? $"{value:0.0e-0}" : Fixed(value);

    /// <summary>The mean, and in brackets the ends where it has any.</summary>
    public static string Short(Interval value) =>
        value.HasEnds ? $"{Short(value.Mean)} [{Short(value.Low)}, {Short(value.High)}]" : Short(value.Mean);
}
