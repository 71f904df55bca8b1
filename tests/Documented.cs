using System.Globalization;
using System.Text.RegularExpressions;

namespace Logitscope.Tests;

/// <summary>Holds the figures of docs/statistics.md to what the tests measure.</summary>
internal static partial class Documented
{
    /// <summary>Fails where the last cell of a row of the document is not what was measured.</summary>
    /// <param name="allowed">How much they may differ, in percent; fixed seeds on fixed numbers allow rounding alone.</param>
    /// <param name="figures">The first cell of each row, and the share that was measured.</param>
    public static void Says(double allowed, params IEnumerable<(string Row, double Measured)> figures)
    {
        var lines = File.ReadAllLines(Repository.File("docs", "statistics.md"));
        var wrong =
            from figure in figures
            let row = lines.SingleOrDefault(line => line.StartsWith($"| {figure.Row} |", StringComparison.Ordinal))
            let said = row is null ? double.NaN : double.Parse(LastCell().Match(row).Groups[1].Value, CultureInfo.InvariantCulture)
            where !(Math.Abs((100 * figure.Measured) - said) <= allowed + 0.051)
            select $"| {figure.Row} | {(100 * figure.Measured).ToString("F1", CultureInfo.InvariantCulture)} % |";
        Assert.True(!wrong.Any(), "docs/statistics.md: expected\n" + string.Join('\n', wrong));
    }

    [GeneratedRegex(@"\| ([\d.]+) % \|$")]
    private static partial Regex LastCell();
}
