using System.Text.Json;

namespace Logitscope;

// tokenizer.json, the file of HuggingFace's tokenizers library: byte-level BPE as of GPT-2, GPT-J, GPT-NeoX, LLaMA 3 and Qwen, and
// SentencePiece BPE as of LLaMA and Mistral. Whatever else it may say is refused by name. "truncation" and "padding" change no id,
// because transformers turns both off where a call asks for neither; "post_processor" and the offsets that it trims say no more
// here than whether a BOS goes in front.
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
        _files = new(folder);
        CheckModel();
        _tokens = Vocabulary();
    }

    /// <summary>Reads the tokenizer.json of a folder, and the files of special tokens beside it.</summary>
    public static ModelTokenizer Read(string folder)
    {
        var file = new TokenizerJson(folder);
        var cutter = file._root["pre_tokenizer"];
        return TextSteps.IsByteLevel(cutter) ? file.ByteLevel(cutter) : file.SentencePiece(cutter);
    }

    private ByteLevelBpe ByteLevel(JsonField cutter)
    {
        var splitter = TextSteps.Splitter(cutter);
        _model["byte_fallback"].RequireFlag(implemented: false, otherwise: false);
        var decoder = _root["decoder"];
        decoder.Refuse(decoder["type"].Text() is not "ByteLevel", "ByteLevel", decoder["type"].Text());
        ByteSymbols.RequireUtf8(_tokens, _path);
        _files.RequirePrefixSpace(expected: false);
        return new(Checked(new BpeVocabulary
        {
            Tokens = _tokens,
            Merges = Merges(),
            Special = Special(SpecialTokens.EndOfText, SpecialTokens.EndOfText),
            Normalizer = TextSteps.ByteLevelNormalizer(_root["normalizer"]),
        }), splitter, _model["ignore_merges"].Flag());
    }

    private SentencePieceBpe SentencePiece(JsonField cutter)
    {
        _model["ignore_merges"].RequireFlag(implemented: false, otherwise: false);
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
            UnknownId = unknown is null ? null : _tokens.TryGetValue(unknown, out var id) ? id : throw new TokenizerException(
                $"{_model["unk_token"].Where}: expected a token of the vocabulary, got '{unknown}'."),
            FusesUnknown = _model["fuse_unk"].Flag(),
            DropsFirstSpace = TextSteps.DecoderDropsFirstSpace(_root["decoder"], fallsBack),
        }));
    }

    private void CheckModel()
    {
        var type = _model["type"].TextIfAny();
        _model["type"].Refuse(type is not (null or "BPE"), "BPE", $"{type}");
        _model.Of(JsonValueKind.Object);
        _model.AllowOnly(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
            "byte_fallback", "ignore_merges", "vocab", "merges");
        foreach (var affix in (JsonField[])[_model["continuing_subword_prefix"], _model["end_of_word_suffix"]])
        {
            affix.Refuse(affix.TextIfAny() is not null, "none", $"'{affix.TextIfAny()}'");
        }

        var dropout = _model["dropout"];
        dropout.Refuse(!dropout.IsNull, "none", $"{dropout.Value}");
    }

    private Dictionary<string, int> Vocabulary()
    {
        var vocabulary = _model["vocab"];
        vocabulary.Of(JsonValueKind.Object);
        var ids = vocabulary.Members().ToDictionary(token => token.Key, token => token.Field.Id(), StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, id) in ids)
        {
            if (!tokens.TryAdd(id, token))
            {
                throw new TokenizerException(
                    $"{vocabulary.Where}: expected each id once, got {id} for both '{tokens[id]}' and '{token}'.");
            }
        }

        return ids;
    }

    /// <summary>Merges are written "a b" or, in newer files, ["a", "b"].</summary>
    private IReadOnlyList<BpeMerge> Merges()
    {
        var list = _model["merges"];
        list.Of(JsonValueKind.Array);
        var merges = new MergeList(_tokens);
        foreach (var (rank, merge) in list.Items().Index())
        {
            JsonField[] pair = merge.Value.ValueKind == JsonValueKind.Array ? [.. merge.Items()] : [];
            merges.Add(pair is [var left, var right] ? [left.Text(), right.Text()] : merge.Text().Split(' '), _path, $"merge {rank}");
        }

        return merges.Merges;
    }

    private SpecialTokens Special(string bos, string eos)
    {
        var added = _root["added_tokens"].Items().Select(token =>
        {
            token.AllowOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            return AddedToken.Read(token, token["id"].Id());
        }).ToArray();
        var template = TextSteps.BosOfTemplate(_root["post_processor"]);
        var addsBos = _files.IsLlama ? _files.Config["add_bos_token"].Flag(otherwise: true) : template is not null;
        var special = _files.Read(_tokens, _path, added, (template ?? bos, eos), addsBos);
        var bosText = special.Added.FirstOrDefault(token => token.Id == special.BosId).Text;
        return template is null || template == bosText
            ? special
            : throw _root["post_processor"].Wrong($"the BOS token, '{bosText}', in front", $"'{template}'");
    }

    private T Checked<T>(T vocabulary) where T : BpeVocabulary
    {
        vocabulary.RequireEveryId(_path);
        return vocabulary;
    }
}
