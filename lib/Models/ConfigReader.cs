using System.Text.Json;
using System.Text.RegularExpressions;
using Logitscope.Checkpoints;

namespace Logitscope.Models;

/// <summary>
/// Reads the fields of a HuggingFace <c>config.json</c>, names the field that is wrong, and knows which were never asked for.
/// </summary>
public sealed partial class ConfigReader
{
    internal const int Most = 1 << 24; // of layers, positions, ids, ...; a model has less, a hostile file may say anything
    private const long MostAngles = 1 << 27; // a million positions of 128 dimensions

    private readonly JsonElement _root;
    private readonly string _section; // "" or "name."
    private readonly HashSet<string> _asked = [];

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
    /// <returns>Its fields; null where it is absent, null or empty.</returns>
    /// <exception cref="CheckpointException">It is no object.</exception>
    public ConfigReader? Section(string name) =>
        Find(name) is not { } field ? null
            : field.ValueKind != JsonValueKind.Object ? throw Wrong(name, "an object", OneLine(field))
            : JsonFile.SaysNothing(field) ? null
            : new ConfigReader(Path, field, $"{_section}{name}.");

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

    /// <summary>The same of a field that HuggingFace knows by several names, of which all that are there must agree.</summary>
    /// <param name="names">The names, the family's own first.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is missing, no such number, or they differ.</exception>
    public int Count(IReadOnlyList<string> names)
    {
        var value = Count(names.FirstOrDefault(name => Find(name) is not null) ?? names[0]);
        foreach (var name in names)
        {
            RequireSame(name, value);
        }

        return value;
    }

    /// <summary>How many heads there are.</summary>
    /// <param name="names">The names of the field.</param>
    /// <param name="hidden">Width of the residual stream, of which each head takes an equal share.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is missing, or does not divide the width.</exception>
    public int CountOfHeads(IReadOnlyList<string> names, int hidden)
    {
        var heads = Count(names);
        return hidden % heads == 0 ? heads : throw Wrong(names[0], $"a divisor of the hidden size {hidden}", $"{heads}");
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

    /// <summary>A finite real number above zero.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is no such number.</exception>
    public double Positive(string name, double otherwise)
    {
        var value = Number(name, otherwise);
        return value > 0 ? value : throw Wrong(name, "a number above 0", Declared(name) ?? $"{value}");
    }

    /// <summary>A truth value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="otherwise">The value where the field is absent.</param>
    /// <returns>The value.</returns>
    /// <exception cref="CheckpointException">It is neither true nor false.</exception>
    public bool Flag(string name, bool otherwise) =>
        Any(name) is { } field
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
    public void Require<T>(string name, T got, T implemented) where T : IEquatable<T>
    {
        if (!got.Equals(implemented))
        {
            throw Wrong(name, $"{implemented} (the only one implemented)", $"{got}");
        }
    }

    /// <summary>Refuses a truth value that is not implemented.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="implemented">The only value that is implemented; an absent field has it.</param>
    /// <exception cref="CheckpointException">It is another one.</exception>
    public void RequireFlag(string name, bool implemented) => Require(name, Flag(name, otherwise: implemented), implemented);

    /// <summary>Refuses a field that contradicts what others have said.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">What holds.</param>
    /// <exception cref="CheckpointException">It is there and says something else.</exception>
    public void RequireSame(string name, double value)
    {
        if (Find(name) is { } field && !(field.ValueKind == JsonValueKind.Number && field.GetDouble() == value))
        {
            throw Wrong(name, FormattableString.Invariant($"{value}, as elsewhere or not at all"), OneLine(field));
        }
    }

    /// <summary>
    /// Refuses fields that nothing has asked for: within a section all of them, else those of which the name says that
    /// they may change the numbers. Null, false and empty ones pass.
    /// </summary>
    /// <remarks>HuggingFace keeps unknown fields and acts on none, save where the code of another model reads them.</remarks>
    /// <exception cref="CheckpointException">There is one.</exception>
    public void RequireNothingElse()
    {
        foreach (var field in _root.EnumerateObject().Where(field => !_asked.Contains(field.Name) && !JsonFile.SaysNothing(field.Value)))
        {
            if (_section.Length > 0 || (MayChangeNumbers().IsMatch(field.Name) && !ChangesNone().IsMatch(field.Name)))
            {
                throw Wrong(field.Name, "no such field (not implemented, and it may change the numbers)", OneLine(field.Value));
            }
        }
    }

    /// <summary>Refuses quantised weights.</summary>
    internal void RequireUnquantised()
    {
        if (JsonFile.Quantisation(_root) is { } field)
        {
            throw Wrong(field, "none, since quantised weights are not implemented", "one");
        }
    }

    /// <summary>Refuses a list with anything else in it than one word.</summary>
    internal void RequireAll(string name, string implemented)
    {
        if (Find(name) is { } field && !(field.ValueKind == JsonValueKind.Array
            && field.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && item.GetString() == implemented)))
        {
            throw Wrong(name, $"a list of '{implemented}' (the only one implemented)", OneLine(field));
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

    private string? Declared(string name) => Find(name) is { } field ? OneLine(field) : null;

    // Null stands for an absent field, save where a truth value is wanted.
    private JsonElement? Find(string name) => Any(name) is { ValueKind: not JsonValueKind.Null } field ? field : null;

    private JsonElement? Any(string name)
    {
        _asked.Add(name);
        return _root.TryGetProperty(name, out var field) ? field : null;
    }

    private static string OneLine(JsonElement field) =>
        field.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? JsonSerializer.Serialize(field) : field.ToString();

    private T Read<T>(string name, JsonValueKind kind, Func<JsonElement, T?> read, object? otherwise)
    {
        if (Find(name) is not { } field)
        {
            return otherwise is T value ? value : throw Wrong(name, $"a {kind.ToString().ToLowerInvariant()}", "nothing");
        }

        return field.ValueKind == kind && read(field) is { } got
            ? got
            : throw Wrong(name, $"a {kind.ToString().ToLowerInvariant()}", OneLine(field));
    }

    [GeneratedRegex(
        "rope|rotary|scal|attn|attention|norm|window|softcap|bias|parallel|moe|expert|router|multiplier|residual|causal|"
        + "alibi|activation|hidden_act|layer_types|per_layer|clip|head_dim|key_value|position_embedding|prune",
        RegexOptions.IgnoreCase)]
    private static partial Regex MayChangeNumbers();

    // Of training, of generation, of other tasks' heads, and which of several equal kernels computes.
    [GeneratedRegex(
        "^output_|^summary_|^init|dropout|pdrop|drop_prob|flash|attn_implementation|renormalize_logits",
        RegexOptions.IgnoreCase)]
    private static partial Regex ChangesNone();
}
