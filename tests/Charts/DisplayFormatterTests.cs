using System.Collections;
using System.Reflection;

namespace Logitscope.Tests.Charts;

/// <summary>Does by reflection what a notebook engine does: it knows the convention, not this library.</summary>
public class DisplayFormatterTests
{
    [Fact]
    public void A_notebook_engine_stores_a_figure_as_HTML_and_as_text()
    {
        var figure = Samples.Precision();

        var outputs = Show(figure);

        Assert.Equal(["text/html", "text/plain"], outputs.Keys);
        Assert.Equal(figure.ToHtml(), outputs["text/html"]);
        Assert.Equal(figure.ToText(), outputs["text/plain"]);
    }

    [Fact]
    public void Every_class_that_displays_itself_carries_the_attribute()
    {
        var displays = typeof(IDisplay).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IDisplay)));

        Assert.All(displays, type => Assert.Equal(["text/html", "text/plain"], (string[])Attribute(type)
            .GetType().GetProperty("PreferredMimeTypes")!.GetValue(Attribute(type))!));
    }

    [Fact]
    public void The_formatters_refuse_what_is_no_display() =>
        Assert.All(Formatters(typeof(Table)), formatter => Assert.False(Format(formatter, "text", new StringWriter())));

    private static Dictionary<string, string> Show(object value) => Formatters(value.GetType()).ToDictionary(
        formatter => (string)formatter.GetType().GetProperty("MimeType")!.GetValue(formatter)!,
        formatter =>
        {
            var writer = new StringWriter();
            Assert.True(Format(formatter, value, writer));
            return writer.ToString();
        });

    private static object Attribute(Type type) => Assert.Single(type.GetCustomAttributes(inherit: true),
        attribute => attribute.GetType().Name == "TypeFormatterSourceAttribute");

    private static object[] Formatters(Type type)
    {
        var attribute = Attribute(type);
        var sourceType = (Type)attribute.GetType().GetProperty("FormatterSourceType")!.GetValue(attribute)!;
        var source = Activator.CreateInstance(sourceType)!;
        return [.. ((IEnumerable)sourceType.GetMethod("CreateTypeFormatters")!.Invoke(source, null)!).Cast<object>()];
    }

    private static bool Format(object formatter, object value, TextWriter writer) =>
        (bool)formatter.GetType().GetMethod("Format", [typeof(object), typeof(TextWriter)])!
            .Invoke(formatter, [value, writer])!;
}
