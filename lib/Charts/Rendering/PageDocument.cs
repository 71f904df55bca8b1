namespace Logitscope.Charts.Rendering;

/// <summary>The frame of every page.</summary>
internal static class PageDocument
{
    /// <summary>A whole document.</summary>
    /// <param name="title">The title of its window, plain text.</param>
    /// <param name="body">HTML.</param>
    /// <param name="plotly">The library to write into it; null loads it by URL, and the page says so.</param>
    public static string Render(string title, string body, PlotlyLibrary? plotly) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Html.Escape(title)}</title>
        <link rel="icon" href="data:,">
        <style>
        {PageStyle.Css}
        </style>
        {plotly?.ToHtml()}
        </head>
        <body>
        <main>
        {body}{(plotly is null ? NetworkNote : "")}
        </main>
        </body>
        </html>

        """;

    /// <summary>A result in a frame, with links to its forms.</summary>
    public static string Card(IDisplay content) =>
        $"<div class=\"card\">\n{content.ToHtml()}\n{Download.Links(content)}</div>\n";

    private const string NetworkNote =
        $"<p class=\"note\">The figures become interactive with plotly.js, loaded from {PlotlyLibrary.Url}. "
        + "Without a network they stay still pictures.</p>";
}
