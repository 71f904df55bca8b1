using System.Text.Json;

namespace Logitscope;

/// <summary>A value in a JSON file, which knows where it stands, for a message.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">Its name there; empty for the file's own object.</param>
/// <param name="Value">The value; undefined where it is absent.</param>
internal readonly record struct JsonField(string Path, string Name, JsonElement Value)
{
    /// <summary>Whether there is nothing, or null.</summary>
    public bool IsNull => Value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Whether it is there, null or not.</summary>
    public bool IsDeclared => Value.ValueKind != JsonValueKind.Undefined;

    /// <summary>File and name.</summary>
    public string Where => Name.Length == 0 ? $"'{Path}'" : $"'{Path}', {Name}";

    /// <summary>A field of an object; undefined where it has none or there is no object.</summary>
    public JsonField this[string key] =>
        new(Path, Below(key), !IsNull && Of(JsonValueKind.Object).TryGetProperty(key, out var value) ? value : default);

    /// <summary>The object of a file; nothing where there is no such file.</summary>
    public static JsonField ReadIfThere(string path) => new(path, "", File.Exists(path) ? TokenizerFile.ReadObject(path) : default);

    /// <summary>The value, which must be of a kind.</summary>
    public JsonElement Of(JsonValueKind kind) => Value.ValueKind == kind
        ? Value
        : throw new TokenizerException(
            $"{Where}: expected {TokenizerFile.Describe(kind)}, got {TokenizerFile.Describe(Value.ValueKind)}.");

    /// <summary>A string that is not empty.</summary>
    public string Text() => Of(JsonValueKind.String).GetString() is { Length: > 0 } text
        ? text
        : throw new TokenizerException($"{Where}: expected some text, got an empty string.");

    /// <summary>A string that is not empty; null where there is none, or an empty one.</summary>
    public string? TextIfAny() => IsNull || (Value.ValueKind == JsonValueKind.String && Value.ValueEquals("")) ? null : Text();

    /// <summary>Whether it is true; <paramref name="otherwise"/> where there is nothing.</summary>
    public bool Flag(bool otherwise = false) =>
        IsNull ? otherwise : Value.ValueKind != JsonValueKind.False && Of(JsonValueKind.True).GetBoolean();

    /// <summary>Refuses a flag that is not as implemented; where there is nothing, it is as <paramref name="otherwise"/>.</summary>
    public void RequireFlag(bool implemented, bool otherwise) =>
        Refuse(Flag(otherwise) != implemented, implemented ? "true" : "false", implemented ? "false" : "true");

    /// <summary>A whole number from 0.</summary>
    public int Id() => Of(JsonValueKind.Number).TryGetInt32(out var id) && id >= 0
        ? id
        : throw new TokenizerException($"{Where}: expected a whole number from 0, got {Value.GetRawText()}.");

    /// <summary>The values of a list; none where there is none.</summary>
    public IEnumerable<JsonField> Items()
    {
        var list = this;
        return IsNull ? [] : Of(JsonValueKind.Array).EnumerateArray()
            .Select((item, place) => new JsonField(list.Path, $"{list.Name} {place}", item));
    }

    /// <summary>The fields of an object; none where there is none.</summary>
    public IEnumerable<(string Key, JsonField Field)> Members()
    {
        var whole = this;
        return IsNull ? [] : Of(JsonValueKind.Object).EnumerateObject()
            .Select(member => (member.Name, new JsonField(whole.Path, whole.Below(member.Name), member.Value)));
    }

    /// <summary>Throws for a field of the object that is none of those named: nothing is ever ignored.</summary>
    public void AllowOnly(params string[] keys)
    {
        var stranger = Members().FirstOrDefault(member => !keys.Contains(member.Key) && !member.Field.IsNull).Key;
        Refuse(stranger is not null, $"only {string.Join(", ", keys)}", $"'{stranger}'");
    }

    /// <summary>Refuses what is not implemented.</summary>
    public void Refuse(bool isSo, string expected, string got)
    {
        if (isSo)
        {
            throw Wrong(expected, got);
        }
    }

    /// <summary>What is wrong with it.</summary>
    public TokenizerException Wrong(string expected, string got) =>
        new($"{Where}: expected {expected}, got {got}, which is not known here.");

    private string Below(string key) => Name.Length == 0 ? key : $"{Name} {key}";
}
