using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>A figure inside a document: its twin, and the interactive figure instead where a script runs.</summary>
internal static class FigureHtml
{
    public static string Fragment(ChartFigure figure)
    {
        var renderer = figure.Renderer;
        var spec = PlotlySpec.Serialize(figure, renderer);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)))[..12];
        var style = $"max-width:{Svg.Number(renderer.Width)}px;overflow-x:auto;background:{Theme.Paper}";
        return $"""
            <div class="logitscope-figure" data-figure="{key}" style="{style}">
            {FixedAxis(renderer)}<div class="logitscope-twin">{Twin(renderer)}</div>
            </div>
            <script>
            {Script(key, spec)}
            </script>
            """;
    }

    // Over the twin and over plotly's drawing, which have it in the same place; a reader of screens has it there.
    private static string FixedAxis(IFigureRenderer renderer) => renderer.StaysInSight() is not var (top, axis) ? ""
        : $"<div class=\"logitscope-axis\" aria-hidden=\"true\" style=\"position:sticky;left:0;width:0;height:0;z-index:2;pointer-events:none\">"
            + $"<div style=\"position:absolute;top:{Svg.Number(top)}px\">{axis.ToString(SaveOptions.DisableFormatting)}</div></div>";

    private static string Twin(IFigureRenderer renderer)
    {
        var picture = renderer.Picture();
        if (renderer.Shrinks)
        {
            picture.Add(Svg.Attribute("style", "max-width:100%;height:auto"));
        }

        return picture.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>
    /// Finds its figure by content: the same figure may be shown twice, and one script draws every copy. The scripts of
    /// all figures share one attempt to load plotly; when it fails, the twins stay.
    /// </summary>
    private static string Script(string key, string spec) => $$"""
        {
          const spec = {{spec}};
          const draw = plotly => {
            for (const figure of document.querySelectorAll('[data-figure="{{key}}"]:not([data-drawn])')) {
              figure.dataset.drawn = "";
              const twin = figure.querySelector(".logitscope-twin");
              const plot = figure.appendChild(document.createElement("div"));
              twin.hidden = true;
              const { data, layout, config } = structuredClone(spec);
              plotly.newPlot(plot, data, layout, config).catch(() => { plot.remove(); twin.hidden = false; });
            }
          };
          if (window.Plotly) {
            draw(window.Plotly);
          } else {
            window.logitscopePlotly ??= new Promise((resolve, reject) => {
              const script = document.createElement("script");
              script.src = "{{PlotlyLibrary.Url}}";
              script.integrity = "{{PlotlyLibrary.Integrity}}";
              script.crossOrigin = "anonymous";
              script.onload = () => resolve(window.Plotly);
              script.onerror = reject;
              document.head.appendChild(script);
            });
            window.logitscopePlotly.then(draw, () => {});
          }
        }
        """;
}

/// <summary>The forms of one figure. Both pictures take their sizes from one layout, so they are twins.</summary>
internal interface IFigureRenderer
{
    /// <summary>The widest that the figure may become, in pixels.</summary>
    double Width { get; }

    /// <summary>Whether the figure may be drawn narrower; otherwise its frame scrolls.</summary>
    bool Shrinks { get; }

    /// <summary>What stays at the left edge while a wide figure is scrolled, and how far down it is; null: nothing.</summary>
    (double Top, XElement Axis)? StaysInSight() => null;

    /// <summary>The picture without script.</summary>
    XElement Picture();

    /// <summary>plotly's traces.</summary>
    JsonArray Traces();

    /// <summary>plotly's layout.</summary>
    JsonObject Layout();

    /// <summary>The figure as a table that a person can read.</summary>
    Table Overview();

    /// <summary>Every mark with its numbers, one row each.</summary>
    Table Marks();
}

/// <summary>Files that a page carries inside itself.</summary>
internal static class Download
{
    /// <summary>A line of links to the forms of a figure or table; nothing for other results.</summary>
    public static string Links(IDisplay content) => content switch
    {
        ChartFigure figure => Line(
            Link("SVG", FileName(figure.Title), "image/svg+xml", figure.ToSvg()),
            Link("CSV", FileName(figure.Title), "text/csv", figure.ToCsv()),
            Link("JSON", FileName(figure.Title), "application/json", figure.ToPlotlyJson())),
        Table table => Line(Link("CSV", FileName(table.Title), "text/csv", table.ToCsv())),
        _ => "",
    };

    /// <summary>A file name without ending, from the title.</summary>
    public static string FileName(string title)
    {
        var name = new StringBuilder();
        foreach (var letter in title.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                name.Append(letter);
            }
            else if (name.Length > 0 && name[^1] != '-')
            {
                name.Append('-');
            }
        }

        var trimmed = name.ToString()[..Math.Min(name.Length, 60)].Trim('-');
        return trimmed.Length > 0 ? trimmed : "logitscope";
    }

    private static string Line(params string[] links) => $"<p class=\"downloads\">{string.Join(' ', links)}</p>\n";

    private static string Link(string form, string name, string mimeType, string content)
    {
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(content));
        return $"<a download=\"{name}.{form.ToLowerInvariant()}\" "
            + $"href=\"data:{mimeType};charset=utf-8;base64,{data}\">{form}</a>";
    }
}
