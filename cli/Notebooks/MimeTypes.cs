namespace Logitscope.Cli.Notebooks;

internal static class MimeTypes
{
    public const string Html = "text/html";
    public const string Markdown = "text/markdown";
    public const string PlainText = "text/plain";
    public const string Svg = "image/svg+xml";

    /// <summary>Whether nbformat stores the data as JSON and not as text.</summary>
    public static bool IsJson(string mimeType) =>
        mimeType.StartsWith("application/", StringComparison.Ordinal)
        && (mimeType == "application/json" || mimeType.EndsWith("+json", StringComparison.Ordinal));
}
