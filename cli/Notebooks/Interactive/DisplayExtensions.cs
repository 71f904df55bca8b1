using Microsoft.DotNet.Interactive;

namespace System;

/// <summary>What every value can do in a cell; .NET Interactive keeps these in the namespace System too.</summary>
public static class DisplayExtensions
{
    /// <summary>Shows a value below the cell.</summary>
    public static DisplayedValue Display(this object? value, params string[] mimeTypes) =>
        KernelInvocationContext.Current.Display(value, mimeTypes);

    /// <summary>Shows text as what the MIME type says it is.</summary>
    public static DisplayedValue DisplayAs(this string value, string mimeType) =>
        KernelInvocationContext.Current.DisplayAs(value, mimeType);
}
