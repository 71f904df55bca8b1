namespace Logitscope.Metrics;

/// <summary>Student's t with a whole number of degrees of freedom, whose distribution is a finite sum.</summary>
/// <remarks>Abramowitz and Stegun, 26.7.3 and 26.7.4, with t = sqrt(freedom) tan(angle).</remarks>
internal static class StudentT
{
    /// <summary>P(|T| &gt;= <paramref name="t"/>), to about 1e-15.</summary>
    public static double TwoSided(double t, int freedom) =>
        Math.Max(0, 1 - Within(Math.Atan2(Math.Abs(t), Math.Sqrt(freedom)), freedom));

    /// <summary>The t that |T| exceeds with probability <paramref name="error"/>.</summary>
    public static double Quantile(double error, int freedom)
    {
        var (low, high) = (0.0, Math.PI / 2);
        while (low + ((high - low) / 2) is var middle && middle > low && middle < high)
        {
            (low, high) = Within(middle, freedom) < 1 - error ? (middle, high) : (low, middle);
        }

        return Math.Sqrt(freedom) * Math.Tan(low);
    }

    private static double Within(double angle, int freedom)
    {
        var (sine, cosine) = Math.SinCos(angle);
        var isOdd = freedom % 2 == 1;
        var (sum, term) = (0.0, isOdd ? cosine : 1);
        for (var k = isOdd ? 1 : 0; k <= freedom - 2; k += 2)
        {
            sum += term;
            term *= cosine * cosine * (k + 1) / (k + 2);
        }

        return isOdd ? 2 / Math.PI * (angle + (sine * sum)) : sine * sum;
    }
}
