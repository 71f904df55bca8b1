using System.Text;

namespace Logitscope.Charts.Rendering;

/// <summary>Files that a page carries inside itself.</summary>
internal static class Download
{
    /// <summary>A line of links to the forms of a figure or table; nothing for other results.</summary>
    public static string Links(IDisplay content) => content switch
    {
        Figure figure => Line(
            Link("SVG", PlotlySpec.FileName(figure.Title), "image/svg+xml", figure.ToSvg()),
            Link("CSV", PlotlySpec.FileName(figure.Title), "text/csv", figure.ToCsv())),
        Table table => Line(Link("CSV", PlotlySpec.FileName(table.Title), "text/csv", table.ToCsv())),
        _ => "",
    };

    private static string Line(params string[] links) => $"<p class=\"downloads\">{string.Join(' ', links)}</p>\n";

    private static string Link(string form, string name, string mimeType, string content)
    {
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(content));
        return $"<a download=\"{name}.{form.ToLowerInvariant()}\" href=\"data:{mimeType};charset=utf-8;base64,{data}\">{form}</a>";
    }
}
