using System.Globalization;
using System.Text;

#pragma warning disable IDE0130 // The compiler looks for this name, in a project's own sources first.
namespace System.Runtime.CompilerServices;
#pragma warning restore IDE0130

// What $"{value:F3}" is compiled to in every project of this repository: the same text under every culture. A notebook's kernel
// has the culture of its machine, and a decimal comma breaks an SVG, a CSV and a number in a message alike.
[InterpolatedStringHandler]
internal ref struct DefaultInterpolatedStringHandler
{
    private readonly StringBuilder _text;
    private StringBuilder.AppendInterpolatedStringHandler _handler;

    public DefaultInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        const int guess = 11; // the length of a value, as .NET's own handler takes it
        _text = new StringBuilder(literalLength + (formattedCount * guess));
        _handler = new(literalLength, formattedCount, _text, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => _text.Append(value);
    public void AppendFormatted<T>(T value) => _handler.AppendFormatted(value);
    public void AppendFormatted<T>(T value, string? format) => _handler.AppendFormatted(value, format);
    public void AppendFormatted<T>(T value, int alignment) => _handler.AppendFormatted(value, alignment);
    public void AppendFormatted<T>(T value, int alignment, string? format) => _handler.AppendFormatted(value, alignment, format);
    public void AppendFormatted(scoped ReadOnlySpan<char> value) => _text.Append(value);
    public readonly string ToStringAndClear() => _text.ToString();
}
