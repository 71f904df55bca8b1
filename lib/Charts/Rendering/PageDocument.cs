namespace Logitscope;

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

/// <summary>The style sheet of a page.</summary>
internal static class PageStyle
{
    private const string Link = "#2f5bb7";

    public const string Css = $$"""
        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --ink: {{Theme.Ink}}; --quiet: {{Theme.Quiet}}; --line: #d8dde3;
          --link: {{Link}};
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #141414; --card: #1d1d1d; --ink: #e4e7eb; --quiet: #9aa4af; --line: #343a43; --link: #8fb4ff;
          }
          /* A picture turned over keeps its hues and its contrasts, in the library's drawing and in plotly's. */
          .logitscope-figure { filter: invert(.885) hue-rotate(180deg); }
        }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 {{Theme.Fonts}}; }
        main { max-width: 786px; margin: 0 auto; padding: 32px 20px 48px; }
        h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; }
        h2 { font-size: 18px; margin: 36px 0 8px; }
        p { margin: 8px 0; max-width: 72ch; }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; margin: 16px 0;
          overflow: hidden;
        }
        .card[hidden] { display: none; }
        .filter { position: sticky; top: 0; z-index: 5; background: var(--page); padding: 6px 0; font-size: 13px; }
        .filter label { margin-right: 16px; white-space: nowrap; }
        .logitscope-twin svg { display: block; }
        .logitscope-table { font-size: 13px; }
        .downloads { margin: 6px 4px 0; font-size: 12px; text-align: right; max-width: none; }
        .downloads a { color: var(--link); margin-left: 10px; }
        .note { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; font-size: 13px; margin: 8px 0; }
        dt { color: var(--quiet); }
        dd { margin: 0; font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; overflow-wrap: anywhere; }
        @media print {
          :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --quiet: #444444; --line: #cccccc; }
          main { max-width: none; padding: 0; }
          .card { break-inside: avoid; border: none; padding: 0; }
          .downloads, .filter { display: none; }
          .logitscope-figure { max-width: none !important; filter: none; }
          .logitscope-twin { display: block !important; }
          .logitscope-twin svg { max-width: 100%; height: auto; }
          .logitscope-twin ~ div, .logitscope-axis { display: none; }
        }
        """;
}
