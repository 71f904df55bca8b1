using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

/// <summary>A figure inside a document: its twin, and the interactive figure instead where a script runs.</summary>
internal static class FigureHtml
{
    public static string Fragment(Figure figure)
    {
        var renderer = figure.Renderer;
        var spec = PlotlySpec.Serialize(figure, renderer);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(spec)))[..12];
        var style = $"max-width:{Svg.Number(renderer.Width)}px;overflow-x:auto;background:{Theme.Paper}";
        return $"""
            <div class="logitscope-figure" data-figure="{key}" style="{style}">
            <div class="logitscope-twin">{Twin(renderer)}</div>
            </div>
            <script>
            {Script(key, spec)}
            </script>
            """;
    }

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
              const twin = figure.firstElementChild;
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
