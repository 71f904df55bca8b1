using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Logitscope;

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

    /// <summary>The lists <c>name</c>, <c>name_low</c> and <c>name_high</c>.</summary>
    public static void Put(this JsonObject json, string name, IReadOnlyList<Interval> values)
    {
        json.Put(name, [.. values.Select(value => value.Mean)]);
        json.Put($"{name}_low", [.. values.Select(value => value.Low)]);
        json.Put($"{name}_high", [.. values.Select(value => value.High)]);
    }

    public static void Put(this JsonObject json, string name, IReadOnlyList<double> values) =>
        json[name] = JsonSerializer.SerializeToNode(values, Line);

    public static IReadOnlyList<Interval> Intervals(this JsonObject json, string name) =>
    [
        .. json.Take<double[]>(name).Zip(json.Take<double[]>($"{name}_low"), json.Take<double[]>($"{name}_high"))
            .Select(value => new Interval(value.First, value.Second, value.Third)),
    ];

    /// <exception cref="JsonException">There is no such property, or it is another thing.</exception>
    public static T Take<T>(this JsonObject json, string name) => json[name] is { } value
        ? value.Deserialize<T>(Line)!
        : throw new JsonException($"expected '{name}'");
}

/// <summary>What is written as one flat object of lists.</summary>
internal interface IFlatJson<T>
    where T : IFlatJson<T>
{
    static abstract T Of(JsonObject json);

    JsonObject ToJson();
}

internal sealed class FlatJson<T> : JsonConverter<T>
    where T : IFlatJson<T>
{
    public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        T.Of(JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("expected an object"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        value.ToJson().WriteTo(writer, options);
}
