using System.Text.Json;
using System.Text.RegularExpressions;

namespace Logitscope;

// Reads the fields of a HuggingFace config.json, names the field that is wrong, and knows which were never asked for.
internal sealed partial class ConfigReader
{
    public const int Most = 1 << 24; // of layers, positions, ids, ...; a model has less, a hostile file may say anything
    private const long MostAngles = 1 << 27; // a million positions of 128 dimensions

    private readonly JsonElement _root;
    private readonly string _section; // "" or "name."
    private readonly HashSet<string> _asked = [];

    private ConfigReader(string path, JsonElement root, string section = "") => (Path, _root, _section) = (path, root, section);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens <c>config.json</c> of a model's folder.</summary>
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
    public ConfigReader? Section(string name) =>
        Find(name) is not { } field ? null
            : field.ValueKind != JsonValueKind.Object ? throw Wrong(name, "an object", OneLine(field))
            : JsonFile.SaysNothing(field) ? null
            : new ConfigReader(Path, field, $"{_section}{name}.");

    /// <summary>A text field.</summary>
    public string Text(string name, string? otherwise = null) =>
        Read(name, JsonValueKind.String, field => field.GetString(), otherwise);

    /// <summary>A whole number above zero, and of a size that models have.</summary>
    public int Count(string name, int? otherwise = null)
    {
        var value = Read(name, JsonValueKind.Number, field => field.TryGetInt32(out var n) ? n : -1, otherwise);
        return value is > 0 and <= Most
            ? value
            : throw Wrong(name, $"a whole number above 0, up to {Most}", Declared(name) ?? $"{value}");
    }

    /// <summary>The same of a field that may say null for none, which is not the same as not being there.</summary>
    public int? CountUnlessNull(string name, int otherwise) => Any(name) is { ValueKind: JsonValueKind.Null } ? null : Count(name, otherwise);

    /// <summary>A whole number from zero.</summary>
    public int Index(string name, int otherwise)
    {
        var value = Read(name, JsonValueKind.Number, field => field.TryGetInt32(out var n) ? n : -1, otherwise);
        return value is >= 0 and <= Most ? value : throw Wrong(name, $"a whole number from 0, up to {Most}", Declared(name) ?? $"{value}");
    }

    /// <summary>The same of a field that HuggingFace knows by several names, of which all that are there must agree.</summary>
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
    public int CountOfHeads(IReadOnlyList<string> names, int hidden)
    {
        var heads = Count(names);
        return hidden % heads == 0 ? heads : throw Wrong(names[0], $"a divisor of the hidden size {hidden}", $"{heads}");
    }

    /// <summary>A finite real number.</summary>
    public double Number(string name, double? otherwise = null)
    {
        var value = Read(name, JsonValueKind.Number, field => field.GetDouble(), otherwise);
        return double.IsFinite(value) ? value : throw Wrong(name, "a finite number", Declared(name) ?? $"{value}");
    }

    /// <summary>A finite real number above zero.</summary>
    public double Positive(string name, double? otherwise = null)
    {
        var value = Number(name, otherwise);
        return value > 0 ? value : throw Wrong(name, "a number above 0", Declared(name) ?? $"{value}");
    }

    /// <summary>The same of a field that may say null for none.</summary>
    public double? PositiveUnlessNull(string name, double? otherwise) =>
        Any(name) is { } field ? field.ValueKind == JsonValueKind.Null ? null : Positive(name) : otherwise;

    /// <summary>A truth value.</summary>
    public bool Flag(string name, bool otherwise) => Any(name) is not { } field ? otherwise
        : field.ValueKind is JsonValueKind.True or JsonValueKind.False ? field.GetBoolean()
        : throw Wrong(name, "true or false", OneLine(field));

    /// <summary>Refuses a value that is not implemented, by its name.</summary>
    public void Require<T>(string name, T got, T implemented) where T : IEquatable<T> =>
        Refuse(!got.Equals(implemented), name, $"{implemented} (the only one implemented)", $"{got}");

    /// <summary>Refuses a word that is none of those implemented.</summary>
    public void RequireOneOf(string name, string got, IReadOnlyList<string> implemented) => Refuse(
        !implemented.Contains(got), name,
        implemented is [var only] ? $"{only} (the only one implemented)" : $"one of {string.Join(", ", implemented)}", got);

    /// <summary>Refuses a truth value that is not implemented.</summary>
    public void RequireFlag(string name, bool implemented) => Require(name, Flag(name, otherwise: implemented), implemented);

    /// <summary>Refuses a field that contradicts what others have said.</summary>
    public void RequireSame(string name, double value) => Refuse(
        Find(name) is { } field && !(field.ValueKind == JsonValueKind.Number && field.GetDouble() == value),
        name, $"{value}, as elsewhere or not at all", Declared(name));

    /// <summary>
    /// Refuses fields that nothing has asked for: within a section all of them, else those of which the name says that
    /// they may change the numbers. Null, false and empty ones pass.
    /// </summary>
    /// <remarks>HuggingFace keeps unknown fields and acts on none, save where the code of another model reads them.</remarks>
    public void RequireNothingElse()
    {
        foreach (var field in _root.EnumerateObject().Where(field => !_asked.Contains(field.Name) && !JsonFile.SaysNothing(field.Value)))
        {
            var mayCount = _section.Length > 0 || (MayChangeNumbers().IsMatch(field.Name) && !ChangesNone().IsMatch(field.Name));
            Refuse(mayCount, field.Name, "no such field (not implemented, and it may change the numbers)", OneLine(field.Value));
        }
    }

    /// <summary>Refuses quantised weights.</summary>
    public void RequireUnquantised()
    {
        var field = JsonFile.Quantisation(_root);
        Refuse(field is not null, field!, "none, since quantised weights are not implemented", "one");
    }

    /// <summary>A list of words; null where there is none.</summary>
    public string[]? Words(string name) => Find(name) is not { } list ? null
        : list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
        : throw Wrong(name, "a list of words", OneLine(list));

    /// <summary>Whether a field was asked for.</summary>
    public bool HasAsked(string name) => _asked.Contains(name);

    /// <summary>Refuses a list with another word for a layer than the implemented one.</summary>
    public void RequireEach(string name, Func<int, string> implemented)
    {
        foreach (var (layer, word) in (Words(name) ?? []).Index())
        {
            Refuse(word != implemented(layer), name, $"'{implemented(layer)}' for layer {layer} (the only one implemented)", $"'{word}'");
        }
    }

    /// <summary>Refuses a context whose table of rotary angles takes more memory than that of any model.</summary>
    public void RequireAngles(string name, int positions, int dimensions)
    {
        if ((long)positions * dimensions > MostAngles)
        {
            throw Wrong(name, $"up to {MostAngles / dimensions} positions of {dimensions} rotary dimensions", $"{positions}");
        }
    }

    /// <summary>The error for a field that does not fit.</summary>
    public CheckpointException Wrong(string name, string expected, string got) =>
        new($"{Path}: {_section}{name}: expected {expected}, got {got}");

    private void Refuse(bool isWrong, string name, string expected, string? got)
    {
        if (isWrong)
        {
            throw Wrong(name, expected, got!);
        }
    }

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
        var field = Find(name);
        return field is null && otherwise is T value ? value
            : field?.ValueKind == kind && read(field.Value) is { } got ? got
            : throw Wrong(name, $"a {kind.ToString().ToLowerInvariant()}", Declared(name) ?? "nothing");
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
