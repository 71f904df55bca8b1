using Logitscope.Charts;
using Logitscope.Patching;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>A technique over a whole prompt: what it reads from every layer at every position.</summary>
/// <param name="Method">The technique's name.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Cells">One a layer and position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record LensResult(string Method, Prompt Prompt, IReadOnlyList<LensCell> Cells) : IDisplay
{
    /// <summary>The heat map, layers over positions: colour is the probability of the top token, text the token.</summary>
    /// <returns>The figure.</returns>
    public Figure Chart() => TokenHeatMap.Draw(
        [.. Prompt.Tokens.Select(token => token.Text)],
        Cells.Select(cell => new TokenReading(cell.Layer, cell.Position, cell.Top.ToPrediction(cell.Entropy))),
        title: $"{Method}: what each layer would say next");

    /// <summary>The top token of every cell, the last layer first.</summary>
    /// <returns>One row a layer, one column a position.</returns>
    public Table ToTable() => new(
        ["layer", .. Prompt.Tokens.Select(token => token.Text)],
        [
            .. Cells.GroupBy(cell => cell.Layer).OrderByDescending(layer => layer.Key).Select(layer =>
                (IReadOnlyList<object?>)[layer.Key, .. layer.OrderBy(cell => cell.Position).Select(cell => cell.Top[0].Token)]),
        ]);

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();
}
