using System.Text;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>
/// An immutable chart. One value gives every form: an interactive plotly figure, its still SVG twin, a page, a notebook
/// cell, plain text, and the plotted numbers. Equal figures give equal bytes.
/// </summary>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public abstract record ChartFigure : IDisplay
{
    private protected ChartFigure()
    {
    }

    /// <summary>What the figure shows, in a phrase.</summary>
    public required string Title { get; init; }

    /// <summary>What it was measured on: model, prompts, the text read. The default is none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The plotted numbers, one row a mark. The default are the marks themselves.</summary>
    public Table Data { get => field ?? Renderer.Marks(); init; }

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
    /// <see cref="PlotlyLibrary.Find()"/> finds), .svg, .png (by an installed Chromium), .csv or .json (plotly).
    /// </summary>
    /// <param name="path">The file, overwritten where it exists.</param>
    /// <param name="scale">Of a .png: pixels for each of the picture's.</param>
    /// <exception cref="ChartException">Another ending; or a .png where there is no Chromium.</exception>
    public void Save(string path, double scale = 2)
    {
        var content = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => Chromium.Photograph(Renderer.Picture(), scale),
            ".HTML" => Encoding.UTF8.GetBytes(ToPage(PlotlyLibrary.Find())),
            ".SVG" => Encoding.UTF8.GetBytes(ToSvg()),
            ".CSV" => Encoding.UTF8.GetBytes(ToCsv()),
            ".JSON" => Encoding.UTF8.GetBytes(ToPlotlyJson()),
            var other => throw new ChartException(
                $"A figure is saved as .html, .svg, .png, .csv or .json, got '{other.ToLowerInvariant()}' in '{path}'."),
        };
        AtomicFile.Save(path, stream => stream.Write(content));
    }
}

/// <summary>Numbers or options that cannot be drawn.</summary>
/// <param name="message">What, expected, got, where.</param>
public sealed class ChartException(string message) : LogitscopeException(message);
