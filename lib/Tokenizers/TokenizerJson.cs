using System.Text.Json;

namespace Logitscope.Tokenizers;

/// <summary>
/// tokenizer.json, the file of HuggingFace's tokenizers library: byte-level BPE as of GPT-2, GPT-J and GPT-NeoX, and
/// SentencePiece BPE as of LLaMA. Whatever else it may say is refused by name. "truncation" and "padding" change no
/// id, because transformers turns both off where a call asks for neither; "post_processor" and the offsets that it
/// trims say no more here than whether a BOS goes in front.
/// </summary>
internal sealed class TokenizerJson
{
    public const string Name = "tokenizer.json";

    private readonly string _path;
    private readonly JsonField _root;
    private readonly JsonField _model;
    private readonly SpecialTokenFiles _files;
    private readonly Dictionary<string, int> _tokens;

    private TokenizerJson(string folder)
    {
        _path = Path.Combine(folder, Name);
        _root = JsonField.ReadIfThere(_path);
        _root.AllowOnly(
            "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
            "decoder", "model");
        _model = _root["model"];
        _files = SpecialTokenFiles.Open(folder);
        CheckModel();
        _tokens = Vocabulary();
    }

    /// <summary>Reads the tokenizer.json of a folder, and the files of special tokens beside it.</summary>
    public static ModelTokenizer Read(string folder)
    {
        var file = new TokenizerJson(folder);
        var cutter = file._root["pre_tokenizer"];
        return !cutter.IsNull && cutter["type"].Text() == "ByteLevel" ? file.ByteLevel(cutter) : file.SentencePiece(cutter);
    }

    private ByteLevelBpe ByteLevel(JsonField cutter)
    {
        cutter.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
        Refuse(cutter["add_prefix_space"], otherwise: true, refused: true);
        Refuse(cutter["use_regex"], otherwise: true, refused: false);
        Refuse(_model["byte_fallback"], otherwise: false, refused: true);
        var decoder = _root["decoder"];
        if (decoder["type"].Text() is not "ByteLevel" and var type)
        {
            throw decoder.Wrong("ByteLevel", type);
        }

        ByteSymbols.RequireUtf8(_tokens, _path);
        _files.RequirePrefixSpace(expected: false);
        return new(Checked(new BpeVocabulary
        {
            Tokens = _tokens,
            Merges = Merges(),
            Special = Special(SpecialTokens.EndOfText, SpecialTokens.EndOfText),
            Normalizer = TextSteps.ByteLevelNormalizer(_root["normalizer"]),
        }));
    }

    private SentencePieceBpe SentencePiece(JsonField cutter)
    {
        var (normalizer, preparation) = TextSteps.SpaceRules(_root["normalizer"], cutter);
        var fallsBack = _model["byte_fallback"].Flag();
        var unknown = _model["unk_token"].TextIfAny();
        if (unknown is null && !fallsBack)
        {
            throw new TokenizerException($"{_model.Where}: expected an unk_token or byte_fallback, got neither.");
        }

        if (fallsBack)
        {
            ByteTokens.IdsIn(_tokens, $"'{_path}'");
        }

        var spaces = normalizer as SpaceRewriter ?? (SpaceRewriter)preparation;
        _files.RequirePrefixSpace(spaces.Prefix != SpacePrefix.None);
        return new(Checked(new SentencePieceVocabulary
        {
            Tokens = _tokens,
            Merges = Merges(),
            Special = Special("<s>", "</s>"),
            Normalizer = normalizer,
            Preparation = preparation,
            FallsBackToBytes = fallsBack,
            UnknownId = unknown is null ? null : UnknownId(unknown),
            FusesUnknown = _model["fuse_unk"].Flag(),
            DropsFirstSpace = TextSteps.DecoderDropsFirstSpace(_root["decoder"], fallsBack),
        }));
    }

    private void CheckModel()
    {
        _model.Require(JsonValueKind.Object);
        if (_model["type"].TextIfAny() is { } type && type != "BPE")
        {
            throw _model["type"].Wrong("BPE", type);
        }

        _model.AllowOnly(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
            "byte_fallback", "ignore_merges", "vocab", "merges");
        Refuse(_model["ignore_merges"], otherwise: false, refused: true);
        foreach (var affix in (JsonField[])[_model["continuing_subword_prefix"], _model["end_of_word_suffix"]])
        {
            if (affix.TextIfAny() is { } text)
            {
                throw affix.Wrong("none", $"'{text}'");
            }
        }

        if (!_model["dropout"].IsNull)
        {
            throw _model["dropout"].Wrong("none", _model["dropout"].Value.GetRawText());
        }
    }

    private Dictionary<string, int> Vocabulary()
    {
        _model["vocab"].Require(JsonValueKind.Object);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, field) in _model["vocab"].Members())
        {
            var id = field.Id();
            ids.Add(token, id);
            if (!tokens.TryAdd(id, token))
            {
                throw new TokenizerException(
                    $"{_model["vocab"].Where}: expected each id once, got {id} for both '{tokens[id]}' and '{token}'.");
            }
        }

        return ids;
    }

    /// <summary>Merges are written "a b" or, in newer files, ["a", "b"].</summary>
    private IReadOnlyList<BpeMerge> Merges()
    {
        var list = _model["merges"];
        list.Require(JsonValueKind.Array);
        var merges = new MergeList(_tokens);
        foreach (var (rank, merge) in list.Items().Index())
        {
            if (merge.Value.ValueKind == JsonValueKind.Array && merge.Value.GetArrayLength() == 2)
            {
                JsonField[] pair = [.. merge.Items()];
                merges.Add(pair[0].Text(), pair[1].Text(), _path, $"merge {rank}");
            }
            else
            {
                merges.Add(merge.Text(), _path, $"merge {rank}");
            }
        }

        return merges.Merges;
    }

    private SpecialTokens Special(string bos, string eos)
    {
        var added = new List<AddedToken>();
        foreach (var token in _root["added_tokens"].Items())
        {
            token.Require(JsonValueKind.Object);
            token.AllowOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            added.Add(new(
                SpecialTokenFiles.TokenOf(token),
                token["id"].Id(),
                token["normalized"].Flag(otherwise: !token["special"].Flag())));
        }

        var template = TextSteps.BosOfTemplate(_root["post_processor"]);
        var addsBos = _files.IsLlama ? _files.Config["add_bos_token"].Flag(otherwise: true) : template is not null;
        var special = _files.Read(_tokens, _path, added, (template ?? bos, eos), addsBos);
        var bosText = special.Added.FirstOrDefault(token => token.Id == special.BosId).Text;
        return template is null || template == bosText
            ? special
            : throw _root["post_processor"].Wrong($"the BOS token, '{bosText}', in front", $"'{template}'");
    }

    private int UnknownId(string token) => _tokens.TryGetValue(token, out var id)
        ? id
        : throw new TokenizerException($"{_model["unk_token"].Where}: expected a token of the vocabulary, got '{token}'.");

    private T Checked<T>(T vocabulary) where T : BpeVocabulary
    {
        vocabulary.RequireEveryId(_path);
        return vocabulary;
    }

    private static void Refuse(JsonField option, bool otherwise, bool refused)
    {
        if (option.Flag(otherwise) == refused)
        {
            throw option.Wrong(refused ? "false" : "true", refused ? "true" : "false");
        }
    }
}
