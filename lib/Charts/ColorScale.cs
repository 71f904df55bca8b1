namespace Logitscope;

/// <summary>
/// A named scale from numbers to colours. Every scale runs through even steps of lightness (OKLab), so it survives
/// greyscale print and every kind of colour sight.
/// </summary>
/// <param name="Title">The quantity and its unit, as the legend says it.</param>
/// <param name="Min">The value of the first colour.</param>
/// <param name="Max">The value of the last colour, above <paramref name="Min"/>.</param>
/// <param name="Stops">At least two colours (# and six hexadecimal digits) at equal distances.</param>
public sealed record ColorScale(string Title, double Min, double Max, IReadOnlyList<string> Stops)
{
    private static readonly string[] s_blue =
        ["#f4f9fe", "#c9dff6", "#a2c4ec", "#80a9dd", "#658dca", "#5172af", "#41598f", "#314171", "#212a53"];

    private static readonly string[] s_amber =
        ["#fbf8f2", "#eddbbe", "#e0bc8e", "#d29c64", "#c07e43", "#a9622f", "#8c4b28", "#6f3620", "#522217"];

    private static readonly string[] s_blueToRust =
        ["#174b72", "#3178a0", "#54a6cc", "#9bd3e7", "#f6f6f6", "#f6bd98", "#dd8456", "#af5837", "#7e321f"];

    /// <summary>Probabilities: 0 is nearly white, 1 deep blue.</summary>
    public static ColorScale Probability(string title = "probability of the top token") => new(title, 0, 1, s_blue);

    /// <summary>An amount from 0 up, such as entropy or surprisal in nats: sand to brown.</summary>
    /// <param name="title">The quantity and its unit.</param>
    /// <param name="max">The amount of the darkest colour, above 0.</param>
    public static ColorScale Amount(string title, double max) => new(title, 0, max, s_amber);

    /// <summary>A change around 0: blue below, rust above, nearly white at 0.</summary>
    /// <param name="title">The quantity and its unit.</param>
    /// <param name="extent">The size of change at both ends, above 0.</param>
    public static ColorScale Change(string title, double extent) => new(title, -extent, extent, s_blueToRust);

    /// <summary>The colour of a value, linear between the stops in sRGB, as plotly mixes them.</summary>
    /// <param name="value">One outside has the colour of the nearest end.</param>
    /// <exception cref="ChartException">It is not a number.</exception>
    public string At(double value)
    {
        if (double.IsNaN(value))
        {
            throw new ChartException($"The colour scale '{Title}' runs from {Min} to {Max}, got {value}.");
        }

        var place = Math.Clamp((value - Min) / (Max - Min), 0, 1) * (Stops.Count - 1);
        var below = Math.Min((int)place, Stops.Count - 2);
        var mixed = Rgb.Channels(Stops[below]).Zip(Rgb.Channels(Stops[below + 1]),
            (from, to) => from + (to - from) * (place - below));
        return "#" + string.Concat(
            mixed.Select(channel => $"{(int)Math.Round(channel, MidpointRounding.AwayFromZero):x2}"));
    }

    /// <summary>Black or white, whichever stands out more from a value's colour: at least 4.5 to 1 (WCAG 2).</summary>
    /// <param name="value">As <see cref="At"/> takes it.</param>
    public string InkAt(double value)
    {
        var luminance = Rgb.Luminance(At(value));
        return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? "#000000" : "#ffffff";
    }
}
