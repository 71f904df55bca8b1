using System.Text;

namespace Logitscope;

/// <summary>
/// Results as one HTML file that prints well, follows a dark screen, offers each figure as SVG and CSV and each table
/// as CSV, and opens without a network where plotly is written into it.
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
        foreach (var section in Sections)
        {
            Append(body, section);
        }

        AppendProvenance(body);
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
