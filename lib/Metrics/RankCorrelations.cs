namespace Logitscope;

/// <summary>Whether two rankings agree.</summary>
public static class RankCorrelations
{
    /// <summary>Spearman's rank correlation; equal numbers share the mean of their ranks.</summary>
    /// <param name="x">Numbers.</param>
    /// <param name="y">As many.</param>
    /// <returns>From -1 to 1; NaN where one of them has no two different numbers.</returns>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count != y.Count)
        {
            throw new ArgumentException($"a rank correlation: expected as many numbers of each, got {x.Count} and {y.Count}");
        }

        var (a, b) = (Ranks(x), Ranks(y));
        var middle = (x.Count - 1) / 2.0;
        var (product, ofX, ofY) = (0.0, 0.0, 0.0);
        foreach (var (one, other) in a.Zip(b))
        {
            product += (one - middle) * (other - middle);
            ofX += (one - middle) * (one - middle);
            ofY += (other - middle) * (other - middle);
        }

        return product / Math.Sqrt(ofX * ofY);
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        var before = 0;
        foreach (var same in Enumerable.Range(0, values.Count).GroupBy(i => values[i]).OrderBy(group => group.Key))
        {
            var count = same.Count();
            foreach (var i in same)
            {
                ranks[i] = before + ((count - 1) / 2.0);
            }

            before += count;
        }

        return ranks;
    }
}
