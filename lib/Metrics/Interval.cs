namespace Logitscope.Metrics;

/// <summary>A mean with its 95 % confidence interval.</summary>
/// <param name="Mean">The mean of the sample.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Mean, double Low, double High)
{
    private const double Normal = 1.959963984540054;

    // Two-sided 95 % points of Student's t for 1 to 10 degrees of freedom.
    private static readonly double[] s_student =
        [12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139];

    /// <summary>Of the mean of real numbers, by Student's t. One number alone has no interval: its ends are infinite.</summary>
    /// <param name="sample">At least one number.</param>
    /// <returns>The mean and its interval.</returns>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static Interval OfMean(IReadOnlyCollection<double> sample)
    {
        RequireSome(sample.Count);
        var mean = sample.Average();
        if (sample.Count == 1)
        {
            return new Interval(mean, double.NegativeInfinity, double.PositiveInfinity);
        }

        var variance = sample.Sum(x => (x - mean) * (x - mean)) / (sample.Count - 1);
        var half = StudentPoint(sample.Count - 1) * Math.Sqrt(variance / sample.Count);
        return new Interval(mean, mean - half, mean + half);
    }

    /// <summary>Of a proportion, by Wilson's score, which stays within 0 and 1 and has a width even at the ends.</summary>
    /// <remarks>Wilson, Journal of the American Statistical Association 22 (1927).</remarks>
    /// <param name="successes">How many.</param>
    /// <param name="count">Of how many, at least 1.</param>
    /// <returns>The proportion and its interval.</returns>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    public static Interval OfProportion(int successes, int count)
    {
        RequireSome(count);
        var p = (double)successes / count;
        var z2 = Normal * Normal;
        var centre = (p + (z2 / (2 * count))) / (1 + (z2 / count));
        var half = Normal / (1 + (z2 / count)) * Math.Sqrt((p * (1 - p) / count) + (z2 / (4.0 * count * count)));
        return new Interval(p, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    // Above ten degrees of freedom the expansion in 1/n is exact to four digits (Abramowitz and Stegun, 26.7.5).
    private static double StudentPoint(int freedom)
    {
        if (freedom <= s_student.Length)
        {
            return s_student[freedom - 1];
        }

        double z = Normal, z2 = z * z, n = freedom;
        var first = (z2 + 1) * z / 4;
        var second = ((((5 * z2) + 16) * z2) + 3) * z / 96;
        var third = ((((((3 * z2) + 19) * z2) + 17) * z2) - 15) * z / 384;
        var fourth = ((((((((79 * z2) + 776) * z2) + 1482) * z2) - 1920) * z2) - 945) * z / 92160;
        return z + ((first + ((second + ((third + (fourth / n)) / n)) / n)) / n);
    }

    private static void RequireSome(int count)
    {
        if (count < 1)
        {
            throw new ArgumentException("an interval: expected at least one number, got none");
        }
    }
}
