using System.Xml.Linq;
using Logitscope.Charts.Rendering;

namespace Logitscope.Charts;

/// <summary>
/// An immutable chart. One value gives every form: an interactive plotly figure, its still SVG twin, a page, a notebook
/// cell, plain text, and the plotted numbers. Equal figures give equal bytes.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public abstract record Figure : IDisplay
{
    private protected Figure()
    {
    }

    /// <summary>What the figure shows, in a phrase.</summary>
    public required string Title { get; init; }

    /// <summary>What it was measured on: model, prompts, the text read. The default is none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The plotted numbers, one row a mark.</summary>
    public required Table Data { get; init; }

    internal abstract IFigureRenderer Renderer { get; }

    /// <summary>
    /// The figure as plotly's <c>{"data", "layout", "config"}</c>; <c>&lt;</c> is escaped, so it may stand in a script.
    /// </summary>
    public string ToPlotlyJson() => PlotlySpec.Serialize(this, Renderer);

    /// <summary>The figure as SVG without script or style sheet; <c>title</c> elements hold the hover text.</summary>
    public string ToSvg() => Renderer.Picture().ToString(SaveOptions.DisableFormatting);

    /// <summary>
    /// The SVG twin, and a script that puts the interactive figure in its place: by the plotly that the document has
    /// (see <see cref="PlotlyLibrary"/>), else by one from the network. Without script or network the twin stays.
    /// </summary>
    public string ToHtml() => FigureHtml.Fragment(this);

    /// <inheritdoc/>
    public string ToText()
    {
        string[] parts = [Label.Printable(Title), Label.Printable(Subtitle), Renderer.Overview().ToText()];
        return string.Join('\n', parts.Where(part => part.Length > 0));
    }

    /// <summary>The plain text, so that a console shows the figure too.</summary>
    public sealed override string ToString() => ToText();

    /// <summary>The plotted numbers as CSV, one row a mark.</summary>
    public string ToCsv() => Data.ToCsv();

    /// <summary>A page of its own.</summary>
    /// <param name="plotly">The library to write into the page; null loads it by URL, and the page says so.</param>
    public string ToPage(PlotlyLibrary? plotly) => PageDocument.Render(Title, PageDocument.Card(this), plotly);

    /// <summary>
    /// Writes the figure in the form that the file's ending names: .html (with the plotly that
    /// <see cref="PlotlyLibrary.Find()"/> finds), .svg, .csv or .json (plotly).
    /// </summary>
    /// <param name="path">The file, overwritten where it exists.</param>
    /// <exception cref="ChartException">Another ending.</exception>
    public void Save(string path) => AtomicFile.Write(path, Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".HTML" => ToPage(PlotlyLibrary.Find()),
        ".SVG" => ToSvg(),
        ".CSV" => ToCsv(),
        ".JSON" => ToPlotlyJson(),
        var other => throw new ChartException(
            $"A figure is saved as .html, .svg, .csv or .json, got '{other.ToLowerInvariant()}' in '{path}'."),
    });
}

/// <summary>Numbers or options that cannot be drawn.</summary>
/// <param name="message">What, expected, got, where.</param>
public sealed class ChartException(string message) : LogitscopeException(message);
