namespace Logitscope.Charts;

/// <summary>Which colour and dash a method has. The three of the reference chart keep theirs in every chart.</summary>
internal static class MethodLooks
{
    private static readonly Dictionary<string, LineLook> s_fixed = new()
    {
        ["logit-lens"] = new("#1f77b4", Dash.Dashed),
        ["token-identity"] = new("#2ca02c", Dash.Dotted),
        ["logitscope"] = new("#9467bd", Dash.DashDot),
    };

    // Okabe and Ito's colour-blind-safe set without the blue, green and purple that the reference takes.
    private static readonly string[] s_colors = ["#d55e00", "#e69f00", "#56b4e9", "#000000", "#cc79a7"];

    private static readonly Dash[] s_dashes = [Dash.Solid, Dash.LongDash, Dash.Dashed, Dash.DashDot, Dash.Dotted];

    /// <summary>One look a method; other methods take the remaining looks in turn, distinct up to 25 of them.</summary>
    public static IReadOnlyList<LineLook> For(IReadOnlyList<string> methods)
    {
        var others = 0;
        return [.. methods.Select(method => s_fixed.TryGetValue(method, out var look) ? look : Other(others++))];
    }

    private static LineLook Other(int index) =>
        new(s_colors[index % s_colors.Length], s_dashes[(index + index / s_colors.Length) % s_dashes.Length]);
}
