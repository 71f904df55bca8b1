namespace Logitscope.Charts;

/// <summary>
/// Shows an <see cref="IDisplay"/> in .NET Interactive and its heirs. The engine finds this class and its members by
/// their names alone, which keeps this library free of a reference to any one notebook engine.
/// </summary>
internal sealed class DisplayFormatterSource
{
    private readonly DisplayFormatter[] _formatters =
        [new("text/html", display => display.ToHtml()), new("text/plain", display => display.ToText())];

    /// <summary>One formatter for HTML and one for plain text.</summary>
    public IEnumerable<object> CreateTypeFormatters() => _formatters;

    private sealed class DisplayFormatter(string mimeType, Func<IDisplay, string> render)
    {
        public string MimeType { get; } = mimeType;

        public bool Format(object instance, TextWriter writer)
        {
            if (instance is not IDisplay display)
            {
                return false;
            }

            writer.Write(render(display));
            return true;
        }
    }
}
