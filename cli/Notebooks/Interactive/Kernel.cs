using Microsoft.AspNetCore.Html;

namespace Microsoft.DotNet.Interactive;

/// <summary>
/// The functions that every C# cell sees without a using. This folder stands in for the engine of .NET Interactive,
/// under its names, so that a notebook runs unchanged here and there.
/// </summary>
public static class Kernel
{
    /// <summary>Shows a value below the cell.</summary>
#pragma warning disable IDE1006 // the engine's own name
    public static DisplayedValue display(object? value, params string[] mimeTypes) =>
        KernelInvocationContext.Current.Display(value, mimeTypes);
#pragma warning restore IDE1006

    /// <summary>Marks text as HTML, to be shown as it is.</summary>
    public static IHtmlContent HTML(string content) => new HtmlString(content);
}
