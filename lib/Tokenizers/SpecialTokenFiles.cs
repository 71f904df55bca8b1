using System.Globalization;

namespace Logitscope;

// What added_tokens.json, tokenizer_config.json and special_tokens_map.json, each optional, say beside the file of a vocabulary.
// tokenizer_config.json goes before special_tokens_map.json.
internal sealed class SpecialTokenFiles
{
    private static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    private readonly string _folder;
    private readonly JsonField _map;

    /// <summary>Opens the files of a folder that are there.</summary>
    public SpecialTokenFiles(string folder)
    {
        _folder = folder;
        Config = JsonField.ReadIfThere(Path.Combine(folder, "tokenizer_config.json"));
        _map = JsonField.ReadIfThere(Path.Combine(folder, "special_tokens_map.json"));
        Config["add_eos_token"].RequireFlag(implemented: false, otherwise: false);
    }

    /// <summary>tokenizer_config.json.</summary>
    public JsonField Config { get; }

    /// <summary>tokenizer_config.json's class of tokenizer, or null.</summary>
    public string? Class => Config["tokenizer_class"] is { IsDeclared: true } name ? name.Text() : null;

    /// <summary>Whether the class is LLaMA's, which goes by add_bos_token, true where it is left out.</summary>
    public bool IsLlama => Class is "LlamaTokenizer" or "LlamaTokenizerFast";

    /// <summary>Refuses a space before the text, or none, where the vocabulary's file says otherwise.</summary>
    public void RequirePrefixSpace(bool expected) => Config["add_prefix_space"].RequireFlag(expected, otherwise: expected);

    /// <summary>The special tokens.</summary>
    public SpecialTokens Read(
        IReadOnlyDictionary<string, int> vocabulary,
        string path,
        IReadOnlyList<AddedToken> added,
        (string Bos, string Eos) otherwise,
        bool addsBos)
    {
        var tokens = new TokenIds(vocabulary);
        foreach (var token in added)
        {
            tokens.Add(token, $"'{path}', added tokens");
        }

        var file = Path.Combine(_folder, "added_tokens.json");
        foreach (var (token, id) in File.Exists(file) ? TokenIdFile.Read(file) : [])
        {
            tokens.Add(new(token, id), $"'{file}'");
        }

        var decoder = Config["added_tokens_decoder"];
        foreach (var (key, field) in decoder.Members())
        {
            var id = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new TokenizerException($"{decoder.Where}: expected ids as keys, got '{key}'.");
            tokens.Add(AddedToken.Read(field, id), field.Where);
        }

        var roles = s_roles.ToDictionary(role => role, role => Stated(role) is { IsNull: false } token ? AddedToken.TextOf(token) : null);
        foreach (var (role, token) in roles)
        {
            tokens.AddKnown(token, $"'{_folder}', {role}");
        }

        foreach (var more in (JsonField[])[Config["additional_special_tokens"], _map["additional_special_tokens"]])
        {
            foreach (var token in more.Items())
            {
                tokens.AddKnown(AddedToken.TextOf(token), more.Where);
            }
        }

        var (bosId, eosId) = (IdOf("bos_token", otherwise.Bos), IdOf("eos_token", otherwise.Eos));
        return new(tokens.All, bosId, eosId, addsBos);

        int? IdOf(string role, string token)
        {
            if (Stated(role).IsDeclared)
            {
                return roles[role] is { } stated ? tokens.IdOf(stated) : null;
            }

            tokens.AddKnown(vocabulary.ContainsKey(token) ? token : null, role);
            return tokens.IdOf(token);
        }
    }

    private JsonField Stated(string role) => Config[role].IsDeclared ? Config[role] : _map[role];

    /// <summary>The added tokens found so far: a file may repeat what another said, never contradict it.</summary>
    private sealed class TokenIds(IReadOnlyDictionary<string, int> vocabulary)
    {
        private readonly OrderedDictionary<string, AddedToken> _added = new(StringComparer.Ordinal);
        private readonly Dictionary<int, string> _tokens = vocabulary.ToDictionary(token => token.Value, token => token.Key);

        public IReadOnlyList<AddedToken> All => [.. _added.Values];

        /// <summary>The id of an added token, or null.</summary>
        public int? IdOf(string token) => _added.TryGetValue(token, out var added) ? added.Id : null;

        public void Add(AddedToken token, string where)
        {
            var (text, id, _) = token;
            if ((IdOf(text) ?? (vocabulary.TryGetValue(text, out var its) ? its : null)) is { } known && known != id)
            {
                throw new TokenizerException($"{where}: expected '{text}' to keep its id {known}, got {id}.");
            }

            if (_tokens.TryGetValue(id, out var other) && other != text)
            {
                throw new TokenizerException($"{where}: expected an id of its own for '{text}', got {id}, which is '{other}'.");
            }

            _added.TryAdd(text, token);
            _tokens[id] = text;
        }

        /// <summary>Adds a token, unless null, whose id is known already.</summary>
        public void AddKnown(string? token, string where)
        {
            if (token is not null && !_added.ContainsKey(token))
            {
                _added[token] = vocabulary.TryGetValue(token, out var id)
                    ? new(token, id)
                    : throw new TokenizerException($"{where}: expected a token of the vocabulary or an added one, got '{token}'.");
            }
        }
    }
}

/// <summary>The tokens that are matched in a text as they are written, and the roles that some of them have.</summary>
/// <param name="Added">The tokens.</param>
/// <param name="BosId">The id of the beginning-of-sequence token or null.</param>
/// <param name="EosId">The id of the end-of-sequence token or null.</param>
/// <param name="AddsBos">Whether the model's own tokenizer puts a BOS before a text.</param>
internal sealed record SpecialTokens(IReadOnlyList<AddedToken> Added, int? BosId, int? EosId, bool AddsBos)
{
    /// <summary>GPT-2's one special token.</summary>
    public const string EndOfText = "<|endoftext|>";
}
