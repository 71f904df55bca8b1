using System.Xml.Linq;

namespace Logitscope.Charts.Rendering;

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
