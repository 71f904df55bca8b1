using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Logitscope;

/// <summary>
/// Numbers whose mean is asked for, some of which may belong together: positions of one prompt, questions in one wording.
/// Its intervals, and the tests that go with them, are explained in docs/statistics.md.
/// </summary>
/// <remarks>
/// The variance of the mean is that of the groups' totals, <c>G / (G - 1) sum_g (sum_{i in g} (x_i - mean))^2 / n^2</c>
/// with G - 1 degrees of freedom: Student's where every group is one number. Over strata, the parts of a designed mixture,
/// it is the sum of theirs.
/// </remarks>
public sealed class Sample
{
    private const double Normal95 = 1.959963984540054;
    private const double StrongSkewness = 0.3;
    private const int FewGroups = 15;

    private readonly double _error; // standard error of the mean
    private readonly double _skewness; // of the mean, not of a single number
    private readonly double _unequal; // share of numbers that are not 0
    private readonly double _effective; // so many independent numbers would say as much of a share

    /// <summary>Takes the numbers.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="groups">For each number the group that it belongs to. Default: each is its own.</param>
    /// <param name="strata">For each number the part of a designed mixture that it is from. Default: one for all.</param>
    /// <exception cref="ArgumentException">There is no number, or another number of groups or strata.</exception>
    public Sample(IReadOnlyList<double> values, IReadOnlyList<int>? groups = null, IReadOnlyList<int>? strata = null)
    {
        var n = values.Count;
        if (n == 0 || (groups?.Count ?? n) != n || (strata?.Count ?? n) != n)
        {
            throw new ArgumentException(
                $"a sample: expected at least one number, with a group and a stratum each, got {n} numbers, "
                + $"{groups?.Count ?? n} groups and {strata?.Count ?? n} strata");
        }

        Count = n;
        Mean = values.Average();
        var (variance, third, grouped) = (0.0, 0.0, 0.0);
        var all = Enumerable.Range(0, n);
        foreach (var stratum in strata is null ? [[.. all]] : all.GroupBy(i => strata[i]).Select(part => part.ToArray()))
        {
            var mean = stratum.Average(i => values[i]);
            var totals = new Dictionary<int, double>();
            foreach (var i in stratum)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(totals, groups?[i] ?? i, out _) += (values[i] - mean) / n;
            }

            Groups += totals.Count;
            Freedom += totals.Count - 1;
            var squares = totals.Values.Sum(total => total * total);
            grouped += squares;
            variance += squares * totals.Count / (totals.Count - 1); // 0 / 0 of one group
            third += totals.Values.Sum(total => total * total * total);
        }

        Freedom = double.IsNaN(variance) ? 0 : Freedom;
        _error = Math.Sqrt(variance);
        _skewness = variance > 0 ? third / (variance * _error) : 0;
        _unequal = values.Average(Math.Abs);
        var plain = values.Sum(x => (x - Mean) * (x - Mean)) / n / n;
        _effective = plain > 0 ? n / Math.Max(1, grouped / plain) : Groups;
    }

    /// <summary>How many numbers.</summary>
    public int Count { get; }

    /// <summary>How many groups: what is independent of each other.</summary>
    public int Groups { get; }

    /// <summary>Degrees of freedom: groups less strata; 0 where a stratum has one group only, and intervals no ends.</summary>
    public int Freedom { get; }

    /// <summary>The mean of all numbers.</summary>
    public double Mean { get; }

    /// <summary>Whether the groups are few for a mean of numbers this skewed: its interval may cover less than it says.</summary>
    public bool IsSmall => Groups < FewGroups || Math.Abs(_skewness) > StrongSkewness;

    /// <summary>The mean's interval by Student's t.</summary>
    /// <param name="error">How often it may miss. Default: 5 %.</param>
    /// <returns>Mean and interval.</returns>
    public Interval Student(double error = 0.05) => Around(error, t => t);

    /// <summary>
    /// The mean's interval where numbers are skewed, by Hall's monotone cubic transformation of t, which takes the
    /// skewness of the mean out of it.
    /// </summary>
    /// <remarks>Hall, Journal of the Royal Statistical Society B 54 (1992).</remarks>
    /// <param name="error">How often it may miss. Default: 5 %.</param>
    /// <returns>Mean and interval.</returns>
    public Interval Hall(double error = 0.05) => Around(error, t =>
    {
        // 3 / s (cbrt(1 + s x) - 1), written without a quotient of two nothings where s is small.
        var x = t - (_skewness / 6);
        var root = Math.Cbrt(1 + (_skewness * x));
        return 3 * x / ((root * root) + root + 1);
    });

    /// <summary>How probable a mean this far from zero is where the true one is zero: the error at which
    /// <see cref="Hall"/>'s interval begins to hold zero.</summary>
    public double HallP
    {
        get
        {
            var (t, s) = (Mean / _error, _skewness);
            return Mean == 0 || Freedom == 0 ? 1
                : _error == 0 ? Math.Pow(2, 1 - Groups) // all signs alike
                : StudentT.TwoSided(t + (s * ((t * t / 3) + (1.0 / 6))) + (s * s * t * t * t / 27), Freedom);
        }
    }

    /// <summary>
    /// The interval of a share, the mean of numbers 0 and 1, by Wilson's score: within 0 and 1, and with a width even at
    /// the ends. Numbers that belong together count for fewer, by their design effect.
    /// </summary>
    /// <remarks>
    /// Wilson, Journal of the American Statistical Association 22 (1927); Rao and Scott, Biometrics 48 (1992).
    /// </remarks>
    /// <returns>Share and 95 % interval.</returns>
    public Interval Share() => Groups == Count ? Wilson(Count, Normal95)
        : Freedom == 0 ? new(Mean, 0, 1)
        : Wilson(_effective, StudentT.Quantile(0.05, Freedom));

    /// <summary>
    /// The interval of the difference of two shares over pairs, the mean of numbers -1, 0 and 1, by Tango's score. It has
    /// a width where no pair differs. Numbers that belong together count for fewer, by their design effect.
    /// </summary>
    /// <remarks>Tango, Statistics in Medicine 17 (1998).</remarks>
    /// <param name="error">How often it may miss. Default: 5 %.</param>
    /// <returns>Difference and interval.</returns>
    public Interval ShareDifference(double error = 0.05)
    {
        if (Freedom == 0)
        {
            return new(Mean, -1, 1);
        }

        var t = StudentT.Quantile(error, Freedom);
        return new(Mean, Bound(-1), Bound(1));

        double Bound(double outside)
        {
            var inside = Mean;
            for (var step = 0; step < 60; step++)
            {
                var middle = (inside + outside) / 2;
                (inside, outside) = Math.Abs(Score(middle)) < t ? (middle, outside) : (inside, middle);
            }

            return inside;
        }
    }

    /// <summary>How probable a difference of shares this far from zero is where the true one is zero: the error at which
    /// <see cref="ShareDifference"/>'s interval begins to hold zero. McNemar's test, where nothing belongs together.</summary>
    public double ShareDifferenceP => Mean == 0 || Freedom == 0 ? 1 : StudentT.TwoSided(Score(0), Freedom);

    // How far the pairs are from a true difference, in standard errors under it.
    private double Score(double difference)
    {
        var (n, lead, unequal) = (_effective, _effective * Mean, _effective * _unequal);
        var b = ((2 * n) - lead) * difference - unequal;
        var c = (unequal - lead) / 2 * difference * (1 - difference);
        var lost = (Math.Sqrt((b * b) + (8 * n * c)) - b) / (4 * n); // the likeliest share of pairs that say -1
        return (lead - (n * difference)) / Math.Sqrt(n * ((2 * lost) + (difference * (1 - difference))));
    }

    private Interval Wilson(double count, double z)
    {
        var z2 = z * z;
        var centre = (Mean + (z2 / (2 * count))) / (1 + (z2 / count));
        var half = z / (1 + (z2 / count)) * Math.Sqrt((Mean * (1 - Mean) / count) + (z2 / (4 * count * count)));
        return new(Mean, Mean == 0 ? 0 : Math.Max(0, centre - half), Mean == 1 ? 1 : Math.Min(1, centre + half)); // which rounding would miss
    }

    private Interval Around(double error, Func<double, double> transformed)
    {
        if (Freedom == 0)
        {
            return Interval.Open(Mean);
        }

        var t = StudentT.Quantile(error, Freedom);
        return new(Mean, Mean - (_error * transformed(t)), Mean - (_error * transformed(-t)));
    }
}

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
