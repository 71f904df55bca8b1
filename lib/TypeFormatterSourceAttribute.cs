namespace Logitscope;

// Tells .NET Interactive how to show a type without a reference to it: the engine looks for an attribute of exactly this name,
// creates FormatterSourceType and calls its CreateTypeFormatters().
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>The type that makes the formatters.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;

    /// <summary>MIME types to store beside each other, best first.</summary>
    public string[]? PreferredMimeTypes { get; set; }
}
