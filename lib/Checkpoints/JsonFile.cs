using System.Text.Json;

namespace Logitscope;

/// <summary>A JSON file that comes with a model.</summary>
internal static class JsonFile
{
    private const int Longest = 16 << 20; // an index of 100,000 tensors

    /// <summary>Reads it. All of its texts and names are sound Unicode.</summary>
    public static JsonElement Read(string path)
    {
        // A pipe has no length either, and reading one would wait for its other end.
        var length = MappedFile.LengthOf(path);
        if (length is <= 0 or > Longest)
        {
            throw new CheckpointException($"{path}: expected JSON of 1 to {Longest} bytes, got {length}");
        }

        try
        {
            var bytes = File.ReadAllBytes(path);
            GitLfs.Refuse(path, bytes);
            using var document = JsonDocument.Parse(bytes);
            ReadTexts(bytes);
            return document.RootElement.Clone();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"{path}: not valid JSON: {error.Message}", error);
        }
    }

    // The first field that says that the weights are quantised, wherever it stands: quantization_config of any method,
    // compression_config, and what other programs call it.
    public static string? Quantisation(JsonElement root, string path = "") => root.ValueKind switch
    {
        JsonValueKind.Object => root.EnumerateObject()
            .Select(field => IsQuantisation(field) ? path + field.Name : Quantisation(field.Value, $"{path}{field.Name}."))
            .FirstOrDefault(found => found is not null),
        JsonValueKind.Array => root.EnumerateArray().Select(item => Quantisation(item, path)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    /// <summary>Whether a field says nothing: null, false, or empty.</summary>
    public static bool SaysNothing(JsonElement field) => field.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.String => field.GetString() is "",
        JsonValueKind.Array => field.GetArrayLength() == 0,
        JsonValueKind.Object => !field.EnumerateObject().Any(),
        _ => false,
    };

    private static bool IsQuantisation(JsonProperty field) =>
        !SaysNothing(field.Value)
        && (field.Name.Contains("quant", StringComparison.OrdinalIgnoreCase)
            || field.Name.Contains("compression", StringComparison.OrdinalIgnoreCase));

    // The parser leaves texts for later, when it says of a broken one that the operation is invalid.
    private static void ReadTexts(ReadOnlySpan<byte> json)
    {
        for (var reader = new Utf8JsonReader(json); reader.Read();)
        {
            _ = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString() : null;
        }
    }
}
