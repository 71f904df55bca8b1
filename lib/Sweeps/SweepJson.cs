using System.Text.Json;
using System.Text.Json.Serialization;

namespace Logitscope.Sweeps;

/// <summary>How a sweep's files are written: other programs read them, so names are a contract.</summary>
internal static class SweepJson
{
    /// <summary>One object a line.</summary>
    public static JsonSerializerOptions Line { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>For people, too.</summary>
    public static JsonSerializerOptions Indented { get; } = new(Line) { WriteIndented = true };
}
