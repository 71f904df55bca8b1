using System.Text;

namespace Logitscope.Charts.Rendering;

/// <summary>Files that a page carries inside itself.</summary>
internal static class Download
{
    /// <summary>A line of links to the forms of a figure or table; nothing for other results.</summary>
    public static string Links(IDisplay content) => content switch
    {
        Figure figure => Line(
            Link("SVG", FileName(figure.Title), "image/svg+xml", figure.ToSvg()),
            Link("CSV", FileName(figure.Title), "text/csv", figure.ToCsv())),
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
