using System.Text;

namespace Logitscope;

/// <summary>
/// Results as one HTML file that prints well, follows a dark screen, offers each figure as SVG, CSV and JSON and each
/// table as CSV, shows and hides a curve in all its figures at once, and opens without a network where plotly is written into it.
/// </summary>
public sealed record ResultsPage
{
    /// <summary>The heading of the page and the title of its window.</summary>
    public required string Title { get; init; }

    /// <summary>The parts, in order.</summary>
    public required IReadOnlyList<Section> Sections { get; init; }

    /// <summary>Where the results come from, as names and values at the end of the page. The default is none.</summary>
    public IReadOnlyList<(string Name, string Value)> Provenance { get; init; } = [];

    /// <summary>The page.</summary>
    /// <param name="plotly">The library to write into it; null loads it by URL, and the page says so.</param>
    public string ToHtml(PlotlyLibrary? plotly)
    {
        var body = new StringBuilder($"<h1>{Html.Escape(Title)}</h1>\n");
        var filters = Sections.SelectMany(section => section.Contents).OfType<CurveFigure>().Skip(1).Any();
        body.Append(filters ? CurveFilter.Form : "");
        foreach (var section in Sections)
        {
            Append(body, section);
        }

        AppendProvenance(body);
        body.Append(filters ? CurveFilter.Script : "");
        return PageDocument.Render(Title, body.ToString(), plotly);
    }

    /// <summary>Writes the page, with the plotly that <see cref="PlotlyLibrary.Find()"/> finds.</summary>
    /// <param name="path">The file, overwritten where it exists.</param>
    public void Save(string path) => AtomicFile.Write(path, ToHtml(PlotlyLibrary.Find()));

    private static void Append(StringBuilder html, Section section)
    {
        html.Append("<section>\n");
        if (section.Heading.Length > 0)
        {
            html.Append($"<h2>{Html.Escape(section.Heading)}</h2>\n");
        }

        foreach (var paragraph in section.Prose.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            html.Append($"<p>{string.Join("<br>", paragraph.Split('\n').Select(Html.Escape))}</p>\n");
        }

        foreach (var content in section.Contents)
        {
            html.Append(PageDocument.Card(content));
        }

        html.Append("</section>\n");
    }

    private void AppendProvenance(StringBuilder html)
    {
        if (Provenance.Count == 0)
        {
            return;
        }

        html.Append("<section>\n<h2>Provenance</h2>\n<dl>\n");
        foreach (var (name, value) in Provenance)
        {
            html.Append($"<dt>{Html.Escape(name)}</dt><dd>{Html.Escape(value)}</dd>\n");
        }

        html.Append("</dl>\n</section>\n");
    }
}

/// <summary>
/// Check boxes for the curves of a page: what is not checked is hidden in every figure, and so are tables of it. The names of a
/// comparison, <c>method, run</c>, make two rows of boxes. Where plotly does not run there are none.
/// </summary>
internal static class CurveFilter
{
    public const string Form = "<form class=\"filter\" hidden aria-label=\"Curves shown\"></form>\n";

    public const string Script = """
        <script>
        addEventListener("load", () => {
          const form = document.querySelector("form.filter"), plain = text => { const box = document.createElement("textarea"); box.innerHTML = text; return box.value; };
          const plots = () => [...document.querySelectorAll(".js-plotly-plot")].filter(plot => plot.data);
          const start = () => {
            const names = [...new Set(plots().flatMap(plot => plot.data.map(trace => plain(trace.name))))].filter(name => name);
            if (names.length < 2) return;
            const pairs = names.map(name => name.split(", ")), facets = pairs.every(pair => pair.length === 2) ? [0, 1] : null;
            const hidden = new Set();
            const isShown = name => facets ? !name.split(", ").some(part => hidden.has(part)) : !hidden.has(name);
            const apply = () => {
              for (const plot of plots()) Plotly.restyle(plot, { visible: plot.data.map(trace => isShown(plain(trace.name))) });
              for (const card of document.querySelectorAll(".card")) {
                const title = card.querySelector("caption")?.textContent ?? "";
                card.hidden = [...hidden].some(name => title.split(" less ").includes(name));
              }
            };
            for (const group of facets ? facets.map(facet => [...new Set(pairs.map(pair => pair[facet]))]) : [names]) {
              const row = form.appendChild(document.createElement("div"));
              for (const name of group) {
                const label = row.appendChild(document.createElement("label")), box = label.appendChild(document.createElement("input"));
                box.type = "checkbox";
                box.checked = true;
                box.onchange = () => { if (box.checked) hidden.delete(name); else hidden.add(name); apply(); };
                label.append(` ${name}`);
              }
            }
            form.hidden = false;
          };
          if (window.Plotly) start();
          else window.logitscopePlotly?.then(() => setTimeout(start), () => {});
        });
        </script>

        """;
}

/// <summary>A part of a <see cref="ResultsPage"/>.</summary>
public sealed record Section
{
    /// <summary>Its heading. The default is none.</summary>
    public string Heading { get; init; } = "";

    /// <summary>Plain text under the heading; an empty line begins a new paragraph. The default is none.</summary>
    public string Prose { get; init; } = "";

    /// <summary>Figures, tables and other results, in order. The default is none.</summary>
    public IReadOnlyList<IDisplay> Contents { get; init; } = [];
}
