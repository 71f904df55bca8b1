using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Logitscope.Tokenizers;

/// <summary>
/// What added_tokens.json, tokenizer_config.json and special_tokens_map.json, each optional, say about a GPT-2
/// tokenizer. tokenizer_config.json goes before special_tokens_map.json. Where neither names them, BOS and EOS are
/// <c>&lt;|endoftext|&gt;</c>, if the vocabulary has it, as for GPT-2 and GPT-J.
/// </summary>
/// <param name="Added">The tokens matched in a text as they are written, to ids.</param>
/// <param name="Bos">The beginning-of-sequence token or null.</param>
/// <param name="Eos">The end-of-sequence token or null.</param>
/// <param name="AddsBos">Whether the model's own tokenizer puts a BOS before a text.</param>
internal sealed record SpecialTokens(IReadOnlyDictionary<string, int> Added, string? Bos, string? Eos, bool AddsBos)
{
    /// <summary>GPT-2's one special token.</summary>
    public const string EndOfText = "<|endoftext|>";

    private const string ConfigName = "tokenizer_config.json";

    private static readonly JsonSerializerOptions s_writing =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n" };

    /// <summary>The classes that split a text by GPT-2's pattern. Others with such files split it otherwise.</summary>
    private static readonly string[] s_classes =
        ["GPT2Tokenizer", "GPT2TokenizerFast", "CodeGenTokenizer", "CodeGenTokenizerFast"];

    private static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    private static readonly string[] s_unknownOptions = ["lstrip", "rstrip", "single_word"];

    public static SpecialTokens Read(string folder, IReadOnlyDictionary<string, int> vocabulary)
    {
        var configPath = Path.Combine(folder, ConfigName);
        var config = ReadIfThere(configPath);
        CheckClass(configPath, config);
        var mapPath = Path.Combine(folder, "special_tokens_map.json");
        (string, JsonElement)[] sources = [(configPath, config), (mapPath, ReadIfThere(mapPath))];
        var added = new TokenIds(vocabulary);
        AddFromTokenIdFile(Path.Combine(folder, "added_tokens.json"), added);
        AddFromDecoder(configPath, config, added);
        var roles = s_roles.ToDictionary(role => role, role => TokenOfRole(role, sources, vocabulary));
        foreach (var (role, token) in roles)
        {
            added.AddKnown(token, $"'{folder}', {role}");
        }

        foreach (var (path, json) in sources)
        {
            AddMore(path, json, added);
        }

        return new(added.Ids, roles["bos_token"], roles["eos_token"], IsTrue(configPath, config, "add_bos_token"));
    }

    public static void Write(string folder, BpeVocabulary vocabulary)
    {
        var decoder = new JsonObject();
        foreach (var (token, id) in vocabulary.AddedTokens.OrderBy(token => token.Value))
        {
            decoder[id.ToString()] = new JsonObject
            {
                ["content"] = token,
                ["lstrip"] = false,
                ["normalized"] = false,
                ["rstrip"] = false,
                ["single_word"] = false,
                ["special"] = token == vocabulary.BosToken || token == vocabulary.EosToken,
            };
        }

        var config = new JsonObject
        {
            ["tokenizer_class"] = s_classes[0],
            ["add_bos_token"] = vocabulary.AddsBos,
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = decoder,
            ["bos_token"] = vocabulary.BosToken,
            ["eos_token"] = vocabulary.EosToken,
            ["unk_token"] = vocabulary.EosToken,
        };
        TokenizerFile.Write(Path.Combine(folder, ConfigName), config.ToJsonString(s_writing) + "\n");
    }

    private static JsonElement ReadIfThere(string path) =>
        File.Exists(path) ? TokenizerFile.ReadObject(path) : JsonElement.Parse("{}");

    private static void CheckClass(string path, JsonElement config)
    {
        const string key = "tokenizer_class";
        if (config.TryGetProperty(key, out var name) && !s_classes.Contains(TextOf(path, key, name)))
        {
            throw new TokenizerException(
                $"'{path}', {key}: expected one that splits text as GPT-2 does, "
                + $"{string.Join(", ", s_classes)}, got {name}.");
        }

        if (IsTrue(path, config, "add_prefix_space"))
        {
            throw new TokenizerException(
                $"'{path}': expected add_prefix_space false, got true, which is not known here.");
        }
    }

    private static void AddFromTokenIdFile(string path, TokenIds added)
    {
        if (File.Exists(path))
        {
            foreach (var (token, id) in TokenIdFile.Read(path))
            {
                added.Add(token, id, $"'{path}'");
            }
        }
    }

    private static void AddFromDecoder(string path, JsonElement config, TokenIds added)
    {
        const string key = "added_tokens_decoder";
        if (!config.TryGetProperty(key, out var decoder))
        {
            return;
        }

        Require(path, key, decoder, JsonValueKind.Object);
        foreach (var entry in decoder.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, out var id) || id < 0)
            {
                throw new TokenizerException($"'{path}', {key}: expected ids as keys, got '{entry.Name}'.");
            }

            Require(path, $"{key} {id}", entry.Value, JsonValueKind.Object);
            added.Add(TokenOf(path, $"{key} {id}", entry.Value), id, $"'{path}', {key}");
        }
    }

    private static void AddMore(string path, JsonElement json, TokenIds added)
    {
        const string key = "additional_special_tokens";
        if (!json.TryGetProperty(key, out var tokens) || tokens.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        Require(path, key, tokens, JsonValueKind.Array);
        foreach (var token in tokens.EnumerateArray())
        {
            added.AddKnown(TokenOf(path, key, token), $"'{path}', {key}");
        }
    }

    private static string? TokenOfRole(
        string role, (string Path, JsonElement Json)[] sources, IReadOnlyDictionary<string, int> vocabulary)
    {
        foreach (var (path, json) in sources)
        {
            if (json.TryGetProperty(role, out var token))
            {
                return token.ValueKind == JsonValueKind.Null ? null : TokenOf(path, role, token);
            }
        }

        return role is "bos_token" or "eos_token" && vocabulary.ContainsKey(EndOfText) ? EndOfText : null;
    }

    /// <summary>A token is written as a string or as an object with its "content".</summary>
    private static string TokenOf(string path, string key, JsonElement token)
    {
        if (token.ValueKind != JsonValueKind.Object)
        {
            return TextOf(path, key, token);
        }

        foreach (var option in s_unknownOptions)
        {
            if (IsTrue(path, token, option))
            {
                throw new TokenizerException(
                    $"'{path}', {key}: expected {option} false, got true, which is not known here.");
            }
        }

        return TextOf(path, $"{key} content", token.TryGetProperty("content", out var content) ? content : default);
    }

    private static string TextOf(string path, string key, JsonElement value)
    {
        Require(path, key, value, JsonValueKind.String);
        return value.GetString() is { Length: > 0 } text
            ? text
            : throw new TokenizerException($"'{path}', {key}: expected some text, got an empty string.");
    }

    private static bool IsTrue(string path, JsonElement json, string key)
    {
        if (!json.TryGetProperty(key, out var value) || value.ValueKind is JsonValueKind.False or JsonValueKind.Null)
        {
            return false;
        }

        Require(path, key, value, JsonValueKind.True);
        return true;
    }

    private static void Require(string path, string key, JsonElement value, JsonValueKind kind)
    {
        if (value.ValueKind != kind)
        {
            throw new TokenizerException(
                $"'{path}', {key}: expected {TokenizerFile.Describe(kind)}, "
                + $"got {TokenizerFile.Describe(value.ValueKind)}.");
        }
    }

    /// <summary>The added tokens found so far: a file may repeat what another said, never contradict it.</summary>
    private sealed class TokenIds(IReadOnlyDictionary<string, int> vocabulary)
    {
        private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
        private readonly Dictionary<int, string> _tokens =
            vocabulary.ToDictionary(token => token.Value, token => token.Key);

        public IReadOnlyDictionary<string, int> Ids => _ids;

        public void Add(string token, int id, string where)
        {
            if ((_ids.TryGetValue(token, out var known) || vocabulary.TryGetValue(token, out known)) && known != id)
            {
                throw new TokenizerException($"{where}: expected '{token}' to keep its id {known}, got {id}.");
            }

            if (_tokens.TryGetValue(id, out var other) && other != token)
            {
                throw new TokenizerException(
                    $"{where}: expected an id of its own for '{token}', got {id}, which is '{other}'.");
            }

            _ids[token] = id;
            _tokens[id] = token;
        }

        /// <summary>Adds a token, unless null, whose id is known already.</summary>
        public void AddKnown(string? token, string where)
        {
            if (token is null || _ids.ContainsKey(token))
            {
                return;
            }

            _ids[token] = vocabulary.TryGetValue(token, out var id)
                ? id
                : throw new TokenizerException(
                    $"{where}: expected a token of the vocabulary or an added one, got '{token}'.");
        }
    }
}
