namespace Logitscope;

/// <summary>The heat map of predictions that <see cref="TokenHeatMap"/> and <see cref="PatchHeatMap"/> share.</summary>
internal static class PredictionGrid
{
    private const int Shown = 5;

    /// <summary>Draws one cell a reading: its top token inside, the top five and the entropy on hover.</summary>
    /// <param name="readings">The readings, at most one a place.</param>
    /// <param name="labels">Title and subtitle.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows, from bottom to top.</param>
    /// <param name="scale">What <see cref="IReading.Value"/> means; null shows the top probability.</param>
    /// <param name="place">Column and row of a reading.</param>
    /// <param name="keys">The coordinates of a reading, as the CSV and the first line on hover name them.</param>
    public static HeatFigure Draw<T>(
        IReadOnlyList<T> readings,
        (string Title, string Subtitle) labels,
        HeatAxis columns,
        HeatAxis rows,
        ColorScale? scale,
        Func<T, (int Column, int Row)> place,
        params (string Name, Func<T, object?> Value)[] keys)
        where T : IReading
    {
        string Where(T reading) =>
            string.Join(", ", keys.Select(key => $"{key.Name.Replace('_', ' ')} {key.Value(reading)}"));

        foreach (var reading in readings)
        {
            Check(reading, scale, Where(reading));
        }

        if (readings.GroupBy(place).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ChartException(
                $"A heat map holds one reading a cell, got {twice.Count()} at {Where(twice.First())}.");
        }

        var colors = scale ?? ColorScale.Probability();
        return new HeatFigure
        {
            Title = labels.Title,
            Subtitle = labels.Subtitle,
            Columns = columns,
            Rows = rows,
            Scale = colors,
            Cells = [.. readings.Select(reading => new HeatCell(place(reading).Column, place(reading).Row,
                Color(reading), reading.Prediction.Top[0].Token, Hover(reading, scale, Where(reading))))],
            Data = Table.Of(readings, [.. keys, .. Columns<T>(scale)]),
        };
    }

    private static double Color<T>(T reading) where T : IReading =>
        reading.Value ?? reading.Prediction.Top[0].Probability;

    private static string[] Hover<T>(T reading, ColorScale? scale, string where) where T : IReading =>
    [
        where,
        .. reading.Prediction.Top.Take(Shown).Select(top => $"{Numbers.Fixed(top.Probability)}  {top.Token}"),
        $"entropy {Numbers.Short(reading.Prediction.Entropy)} nats",
        .. scale is null ? Array.Empty<string>() : [$"{scale.Title} {Numbers.Short(Color(reading))}"],
    ];

    private static IEnumerable<(string, Func<T, object?>)> Columns<T>(ColorScale? scale) where T : IReading
    {
        if (scale is not null)
        {
            yield return (scale.Title, reading => reading.Value);
        }

        for (var rank = 0; rank < Shown; rank++)
        {
            var index = rank;
            yield return ($"token_{index + 1}", reading => reading.Prediction.Top.ElementAtOrDefault(index)?.Token);
            yield return ($"p_{index + 1}", reading => reading.Prediction.Top.ElementAtOrDefault(index)?.Probability);
        }

        yield return ("entropy_nats", reading => reading.Prediction.Entropy);
    }

    private static void Check<T>(T reading, ColorScale? scale, string where) where T : IReading
    {
        if (reading.Prediction.Top.Count == 0)
        {
            throw new ChartException($"A cell of a heat map shows a top token, got no tokens at {where}.");
        }

        if (scale is null != reading.Value is null)
        {
            throw new ChartException(scale is null
                ? $"A chosen value needs a colour scale that names it, got none for {reading.Value} at {where}."
                : $"The colour scale '{scale.Title}' needs a value for every cell, got none at {where}.");
        }
    }
}

/// <summary>A prediction with a place in a heat map.</summary>
internal interface IReading
{
    Prediction Prediction { get; }

    double? Value { get; }
}

/// <summary>What a model says at one place.</summary>
/// <param name="Top">The likeliest tokens, best first, at least one; the figures show the first five.</param>
/// <param name="Entropy">The entropy of the whole distribution, in nats.</param>
public sealed record Prediction(IReadOnlyList<Candidate> Top, double Entropy);

/// <summary>A token and how likely the model holds it.</summary>
/// <param name="Token">The token as it is to be shown.</param>
/// <param name="Probability">From 0 to 1.</param>
public sealed record Candidate(string Token, double Probability);
