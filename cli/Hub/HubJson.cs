using System.Text.Encodings.Web;
using System.Text.Json;

namespace Logitscope.Cli.Hub;

/// <summary>How the files beside a download are written, and answers of servers are read.</summary>
internal static class HubJson
{
    private static readonly JsonSerializerOptions s_compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static readonly JsonSerializerOptions s_indented = new(s_compact) { WriteIndented = true };

    /// <summary>For people: one property a line.</summary>
    public static string Indented<T>(T value) => JsonSerializer.Serialize(value, s_indented) + "\n";

    /// <summary>For a file of lines.</summary>
    public static byte[] Line<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, s_compact), (byte)'\n'];

    /// <summary>Reads what the other two wrote.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, s_compact);
        }
        catch (Exception error) when (error is JsonException or HubException)
        {
            return null;
        }
    }

    public static T? TryReadFile<T>(string path)
        where T : class => File.Exists(path) ? TryRead<T>(File.ReadAllBytes(path)) : null;

    /// <summary>Reads a server's answer.</summary>
    public static T Parse<T>(string what, byte[] json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new HubException($"{what}: expected the server's JSON, got something else: {error.Message}", error);
        }
    }
}
