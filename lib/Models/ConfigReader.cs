using System.Text.Json;
using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>Reads the fields of a HuggingFace <c>config.json</c>, and names the field that is wrong.</summary>
public sealed class ConfigReader
{
    private const int Most = 1 << 24; // of layers, positions, ids, ...; a model has less, a hostile file may say anything
    private const long MostAngles = 1 << 27; // a million positions of 128 dimensions

    private readonly JsonElement _root;
    private readonly string _section; // "" or "name."

    private ConfigReader(string path, JsonElement root, string section = "")
    {
        Path = path;
        _root = root;
        _section = section;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens <c>config.json</c> of a model's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Its fields.</returns>
    /// <exception cref="CheckpointException">The file is missing or not a JSON object.</exception>
    public static ConfigReader Open(string folder)
    {
        var path = System.IO.Path.Combine(folder, "config.json");
        try
        {
            var root = JsonFile.Read(path);
            return root.ValueKind == JsonValueKind.Object
                ? new ConfigReader(path, root)
                : throw new CheckpointException($"{path}: expected a JSON object, got {root.ValueKind}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"'{folder}' is not a model's folder: {path} cannot be read", error);
        }
    }

    /// <summary>A field that is an object, whose own fields are read like the file's.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its fields; null where it is absent or null.</returns>
    /// <exception cref="CheckpointException">It is no object.</exception>
    public ConfigReader? Section(string name) =>
        Declared(name) is not { } got
            ? null
            : _root.GetProperty(name) is { ValueKind: JsonValueKind.Object } section
                ? new ConfigReader(Path, section, $"{_section}{name}.")
                : throw Wrong(name, "an object", got);

    /// <summary>A text field.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent; none means that it must be there.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is missing or no text.</exception>
    public string Text(string name, string? otherwise = null) =>
        Read(name, JsonValueKind.String, field => field.GetString(), otherwise);

    /// <summary>A whole number above zero, and of a size that models have.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent or null; none means that it must be there.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is missing or no such number.</exception>
    public int Count(string name, int? otherwise = null)
    {
        var value = Read(name, JsonValueKind.Number, field => field.TryGetInt32(out var n) ? n : -1, otherwise);
        return value is > 0 and <= Most
            ? value
            : throw Wrong(name, $"a whole number above 0, up to {Most}", Declared(name) ?? $"{value}");
    }

    /// <summary>A finite real number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent; none means that it must be there.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is missing or no number.</exception>
    public double Number(string name, double? otherwise = null)
    {
        var value = Read(name, JsonValueKind.Number, field => field.GetDouble(), otherwise);
        return double.IsFinite(value) ? value : throw Wrong(name, "a finite number", Declared(name) ?? $"{value}");
    }

    /// <summary>A truth value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is neither true nor false.</exception>
    public bool Flag(string name, bool otherwise) =>
        _root.TryGetProperty(name, out var field)
            ? field.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => throw Wrong(name, "true or false", OneLine(field)),
            }
            : otherwise;

    /// <summary>Refuses a value that is not implemented, by its name.</summary>
    /// <typeparam name="T">The field's type.</typeparam>
    /// <param name="name">The field's name.</param>
    /// <param name="got">The field's value.</param>
    /// <param name="implemented">The only value that is implemented.</param>
    /// <exception cref="CheckpointException">They differ.</exception>
    public void Require<T>(string name, T got, T implemented)
        where T : IEquatable<T>
    {
        if (!got.Equals(implemented))
        {
            throw Wrong(name, $"{implemented} (the only one implemented)", $"{got}");
        }
    }

    /// <summary>Refuses a field that is not implemented, unless it is absent or null.</summary>
    /// <param name="name">The field's name.</param>
    /// <exception cref="CheckpointException">It holds something.</exception>
    public void RequireNull(string name)
    {
        if (Declared(name) is { } got)
        {
            throw Wrong(name, "null (the only one implemented)", got);
        }
    }

    /// <summary>Refuses a context whose table of rotary angles takes more memory than that of any model.</summary>
    /// <param name="name">The field with the context length.</param>
    /// <param name="positions">Its value.</param>
    /// <param name="dimensions">How many dimensions of each head are rotated.</param>
    /// <exception cref="CheckpointException">The table is too large.</exception>
    public void RequireAngles(string name, int positions, int dimensions)
    {
        if ((long)positions * dimensions > MostAngles)
        {
            throw Wrong(name, $"up to {MostAngles / dimensions} positions of {dimensions} rotary dimensions", $"{positions}");
        }
    }

    /// <summary>The error for a field that does not fit.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="expected">What would fit.</param>
    /// <param name="got">What is there.</param>
    /// <returns>To throw.</returns>
    public CheckpointException Wrong(string name, string expected, string got) =>
        new($"{Path}: {_section}{name}: expected {expected}, got {got}");

    private string? Declared(string name) =>
        _root.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? OneLine(field) : null;

    private static string OneLine(JsonElement field) =>
        field.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? JsonSerializer.Serialize(field)
            : field.ToString();

    private T Read<T>(string name, JsonValueKind kind, Func<JsonElement, T?> read, object? otherwise)
    {
        var there = _root.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null;
        if (!there)
        {
            return otherwise is T value ? value : throw Wrong(name, $"a {kind.ToString().ToLowerInvariant()}", "nothing");
        }

        return field.ValueKind == kind && read(field) is { } got
            ? got
            : throw Wrong(name, $"a {kind.ToString().ToLowerInvariant()}", OneLine(field));
    }
}
