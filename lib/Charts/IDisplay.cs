namespace Logitscope.Charts;

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
