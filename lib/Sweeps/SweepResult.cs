using Logitscope.Charts;

namespace Logitscope.Sweeps;

/// <summary>A finished sweep. It shows itself as its two charts.</summary>
/// <param name="Rows">Every cell.</param>
/// <param name="Summary">Means by method and layer.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record SweepResult(IReadOnlyList<SweepRow> Rows, SweepSummary Summary) : IDisplay
{
    /// <inheritdoc/>
    public string ToHtml() => Summary.PrecisionAt1Chart().ToHtml() + Summary.SurprisalChart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => Summary.PrecisionAt1Chart().ToText() + "\n" + Summary.SurprisalChart().ToText();
}
