using System.Text.Json;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive.Formatting;

namespace Logitscope.Cli.Notebooks;

/// <summary>Text by MIME type for a value, by the formatters of .NET Interactive itself.</summary>
internal static class ValueFormatter
{
    /// <summary>Values whose HTML would be their plain text in a box, with a style sheet around it.</summary>
    private static readonly Type[] s_scalars =
    [
        typeof(bool), typeof(char), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int),
        typeof(uint), typeof(long), typeof(ulong), typeof(Int128), typeof(UInt128), typeof(nint), typeof(nuint),
        typeof(Half), typeof(float), typeof(double), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset),
        typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(Enum),
    ];

    /// <summary>Forgets what an earlier notebook registered: the formatters are one set a process.</summary>
    public static void Reset()
    {
        Formatter.ResetToDefault();
        foreach (var scalar in s_scalars)
        {
            Formatter.SetPreferredMimeTypesFor(scalar, MimeTypes.PlainText);
        }
    }

    /// <summary>Formats a value now, so that later changes to it do not show.</summary>
    /// <param name="value">Anything, null included.</param>
    /// <param name="mimeTypes">The types asked for; none for those that the value's type prefers.</param>
    public static IReadOnlyDictionary<string, string> Format(object? value, IReadOnlyCollection<string> mimeTypes)
    {
        IEnumerable<string> wanted = mimeTypes;
        if (mimeTypes.Count == 0)
        {
            wanted = value switch
            {
                null => [MimeTypes.PlainText],
                IHtmlContent => [MimeTypes.Html],
                _ => Formatter.GetPreferredMimeTypesFor(value.GetType()).Append(MimeTypes.PlainText),
            };
        }

        return wanted.Distinct().ToDictionary(mimeType => mimeType, mimeType => value.ToDisplayString(mimeType));
    }

    /// <summary>Text that is already of a MIME type.</summary>
    /// <exception cref="JsonException">A JSON type and text that is not JSON.</exception>
    public static IReadOnlyDictionary<string, string> Verbatim(string text, string mimeType)
    {
        if (MimeTypes.IsJson(mimeType))
        {
            using var _ = JsonDocument.Parse(text);
        }

        return new Dictionary<string, string> { [mimeType] = text };
    }
}
