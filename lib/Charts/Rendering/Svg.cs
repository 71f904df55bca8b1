using System.Net;
using System.Xml.Linq;

namespace Logitscope;

/// <summary>The elements that the pictures are made of: attributes only, since readers strip style sheets.</summary>
internal static class Svg
{
    public static readonly XNamespace Namespace = "http://www.w3.org/2000/svg";

    /// <summary>The whole picture on its paper, with its title for screen readers.</summary>
    public static XElement Root(double width, double height, string title, params object?[] content) =>
        Element("svg",
            Attribute("viewBox", $"0 0 {Number(width)} {Number(height)}"), Attribute("width", width),
            Attribute("height", height), Attribute("role", "img"), Attribute("aria-label", Label.Printable(title)),
            Attribute("font-family", Theme.Fonts),
            Rect(0, 0, width, height, Theme.Paper), content);

    public static XElement Element(string name, params object?[] content) => new(Namespace + name, content);

    public static XAttribute Attribute(string name, object value) =>
        new(name, value is double number ? Number(number) : value);

    public static XElement Group(params object?[] content) => Element("g", content);

    public static XElement Rect(double x, double y, double width, double height, string fill, params object?[] more) =>
        Element("rect", Attribute("x", x), Attribute("y", y), Attribute("width", width), Attribute("height", height),
            Attribute("fill", fill), more);

    public static XElement Circle(double x, double y, double radius, string fill, params object?[] more) =>
        Element("circle", Attribute("cx", x), Attribute("cy", y), Attribute("r", radius), Attribute("fill", fill),
            more);

    public static XElement Line(
        double x1, double y1, double x2, double y2, string stroke, double width, params object?[] more) =>
        Element("line", Attribute("x1", x1), Attribute("y1", y1), Attribute("x2", x2), Attribute("y2", y2),
            Attribute("stroke", stroke), Attribute("stroke-width", width), more);

    public static XElement Text(double x, double y, string text, double size, string fill, string anchor = "start",
        params object?[] more) =>
        Element("text", Attribute("x", x), Attribute("y", y), Attribute("font-size", size), Attribute("fill", fill),
            anchor == "start" ? null : Attribute("text-anchor", anchor), more, Label.Printable(text));

    /// <summary>The title of a vertical axis.</summary>
    /// <param name="x">Its baseline.</param>
    /// <param name="y">Its middle.</param>
    /// <param name="text">What it says.</param>
    public static XElement Upwards(double x, double y, string text) =>
        Text(0, 0, text, Theme.TextSize, Theme.Ink, "middle",
            Attribute("transform", $"translate({Number(x)} {Number(y)}) rotate(-90)"));

    /// <summary>What a browser shows on pointing at the element that holds this.</summary>
    public static XElement Hover(params IEnumerable<string> lines) =>
        Element("title", string.Join('\n', lines.Select(Label.Printable)));

    /// <summary>A coordinate, to a hundredth of a pixel.</summary>
    public static string Number(double value) => $"{Math.Round(value, 2):0.##}";
}

/// <summary>Text in HTML.</summary>
internal static class Html
{
    /// <summary>Text for an element or a quoted attribute: shown as written, whatever it says.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(Label.Printable(text));
}

/// <summary>Colours written as # and six hexadecimal digits.</summary>
internal static class Rgb
{
    /// <summary>Red, green and blue from 0 to 255.</summary>
    public static int[] Channels(string color) =>
        [Convert.ToInt32(color[1..3], 16), Convert.ToInt32(color[3..5], 16), Convert.ToInt32(color[5..7], 16)];

    /// <summary>The colour, as much darker as text on white paper needs for a contrast of 4.5 to 1.</summary>
    public static string Legible(string color)
    {
        while (1.05 / (Luminance(color) + 0.05) < 4.5)
        {
            color = "#" + string.Concat(Channels(color).Select(channel => $"{(int)(0.95 * channel):x2}"));
        }

        return color;
    }

    /// <summary>Relative luminance by WCAG 2, from 0 (black) to 1 (white).</summary>
    public static double Luminance(string color)
    {
        var linear = Channels(color).Select(channel => channel / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)).ToArray();
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    }
}
