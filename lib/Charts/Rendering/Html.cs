using System.Net;

namespace Logitscope.Charts.Rendering;

/// <summary>Text in HTML.</summary>
internal static class Html
{
    /// <summary>Text for an element or a quoted attribute: shown as written, whatever it says.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(Label.Printable(text));
}
