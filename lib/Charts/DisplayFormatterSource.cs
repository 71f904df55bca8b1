namespace Logitscope;

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

/// <summary>A result that shows itself: as HTML where a browser is at hand, as plain text elsewhere.</summary>
/// <remarks>
/// A notebook engine asks the runtime class for its formatter, and interfaces pass no attribute on. So every class that
/// implements this interface carries
/// <c>[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]</c>,
/// itself or on its base class.
/// </remarks>
public interface IDisplay
{
    /// <summary>An HTML fragment for a notebook cell or a page; readable where scripts are stripped.</summary>
    string ToHtml();

    /// <summary>The same content as plain text, lines separated by a line feed.</summary>
    string ToText();
}
