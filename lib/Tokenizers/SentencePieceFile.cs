using System.Text;
using Google.Protobuf;

namespace Logitscope.Tokenizers;

/// <summary>
/// tokenizer.model, SentencePiece's own file: a protobuf message with pieces, their scores and kinds, and how a text is
/// normalised. Only BPE without a character map is known. Two tokens merge where their join is a piece; the piece of
/// the highest score first, the leftmost of equals.
/// </summary>
internal sealed class SentencePieceFile
{
    public const string Name = "tokenizer.model";

    private const int Bpe = 2;

    /// <summary>Every cut of a piece is looked up, so the longest bounds the time that a file may take.</summary>
    private const int LongestPiece = 512;

    private static readonly string[] s_models = ["", "unigram", "BPE", "word", "char"];
    private static readonly string[] s_kinds = ["", "NORMAL", "UNKNOWN", "CONTROL", "USER_DEFINED", "UNUSED", "BYTE"];

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly List<Piece> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private int _model = 1;
    private bool _fallsBackToBytes;
    private int _bosId = 1;
    private int _eosId = 2;
    private bool _addsPrefix = true;
    private bool _collapsesSpaces = true;

    private SentencePieceFile(string path)
    {
        _path = path;
        try
        {
            Read(UnsafeByteOperations.UnsafeWrap(TokenizerFile.ReadBytes(path)));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new TokenizerException($"'{path}' is no SentencePiece model: {error.Message}", error);
        }

        if (_model != Bpe)
        {
            var got = _model > 0 && _model < s_models.Length ? s_models[_model] : $"{_model}";
            throw Wrong("trainer_spec model_type", "BPE", got);
        }
    }

    private enum Kind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        Byte = 6,
    }

    /// <summary>Reads the tokenizer.model of a folder, and the files of special tokens beside it.</summary>
    public static SentencePieceBpe Read(string folder)
    {
        var file = new SentencePieceFile(Path.Combine(folder, Name));
        var files = SpecialTokenFiles.Open(folder);
        if (files.Class is { } name && !files.IsLlama)
        {
            throw files.Config["tokenizer_class"].Wrong("LlamaTokenizer", name);
        }

        files.RequirePrefixSpace(file._addsPrefix);
        var vocabulary = file.Vocabulary(files);
        vocabulary.RequireEveryId(file._path);
        return new(vocabulary);
    }

    private SentencePieceVocabulary Vocabulary(SpecialTokenFiles files)
    {
        if (_fallsBackToBytes)
        {
            ByteTokens.IdsIn(_ids, $"'{_path}'");
        }

        var unknown = _pieces.FindIndex(piece => piece.Kind == Kind.Unknown);
        var added = _pieces.Index()
            .Where(piece => piece.Item.Kind is Kind.Unknown or Kind.Control)
            .Select(piece => new AddedToken(piece.Item.Text, piece.Index));
        var (merges, ranks) = Merges();
        var isLegacy = files.Config["legacy"].Flag(otherwise: true);
        if (!isLegacy && _collapsesSpaces)
        {
            throw files.Config["legacy"].Wrong("true where the model removes extra whitespace", "false");
        }

        var legacy = new SpaceRewriter(_addsPrefix ? SpacePrefix.Always : SpacePrefix.None, _collapsesSpaces);
        var first = new SpaceRewriter(_addsPrefix ? SpacePrefix.FirstUnlessThere : SpacePrefix.None);
        return new()
        {
            Tokens = _ids,
            Merges = merges,
            MergeRanks = ranks,
            Special = files.Read(
                _ids, _path, [.. added], (TextOf(_bosId), TextOf(_eosId)), files.Config["add_bos_token"].Flag(otherwise: true)),
            Normalizer = isLegacy ? legacy : TextRewriter.None,
            Preparation = isLegacy ? TextRewriter.None : first,
            FallsBackToBytes = _fallsBackToBytes,
            UnknownId = unknown >= 0 ? unknown : throw Wrong("pieces", "one of kind UNKNOWN", "none"),
            FusesUnknown = true,
            DropsFirstSpace = _addsPrefix || _collapsesSpaces,
        };
    }

    private string TextOf(int id) => id >= 0 && id < _pieces.Count ? _pieces[id].Text : "";

    private void Read(ByteString file)
    {
        foreach (var field in FieldsOf(file))
        {
            switch (field.Number)
            {
                case 1:
                    AddPiece(Value<ByteString>(field));
                    break;
                case 2:
                    ReadTrainer(Value<ByteString>(field));
                    break;
                case 3:
                    ReadNormalizer(Value<ByteString>(field));
                    break;
                case 5:
                    RefuseCharacterMap(Value<ByteString>(field), "denormalizer_spec");
                    break;
            }
        }
    }

    private void AddPiece(ByteString message)
    {
        var (text, score, kind) = ("", 0f, (long)Kind.Normal);
        foreach (var field in FieldsOf(message))
        {
            switch (field.Number)
            {
                case 1:
                    text = Utf8(Value<ByteString>(field));
                    break;
                case 2:
                    score = Value<float>(field);
                    break;
                case 3:
                    kind = Value<long>(field);
                    break;
            }
        }

        var where = $"piece {_pieces.Count}";
        if (!Enum.IsDefined((Kind)kind))
        {
            throw Wrong(where, "NORMAL, UNKNOWN, CONTROL or BYTE", kind is > 0 and < 7 ? s_kinds[kind] : $"{kind}");
        }

        if (text.Length is 0 or > LongestPiece || !float.IsFinite(score))
        {
            throw Wrong(where, $"1 to {LongestPiece} chars with a finite score", $"{text.Length} chars with the score {score}");
        }

        if ((Kind)kind == Kind.Byte && ByteTokens.ByteOf(text) is null)
        {
            throw Wrong(where, "a byte such as <0x0A>", $"'{text}'");
        }

        if (!_ids.TryAdd(text, _pieces.Count))
        {
            throw Wrong(where, "each piece once", $"'{text}', which is piece {_ids[text]}");
        }

        _pieces.Add(new(text, score, (Kind)kind));
    }

    private void ReadTrainer(ByteString message)
    {
        foreach (var field in FieldsOf(message))
        {
            switch (field.Number)
            {
                case 3:
                    _model = (int)Math.Clamp(Value<long>(field), 0, int.MaxValue);
                    break;
                case 24 when Value<long>(field) != 0:
                    throw Wrong("trainer_spec treat_whitespace_as_suffix", "false", "true");
                case 35:
                    _fallsBackToBytes = Value<long>(field) != 0;
                    break;
                case 41:
                    _bosId = (int)Math.Clamp(Value<long>(field), -1, int.MaxValue);
                    break;
                case 42:
                    _eosId = (int)Math.Clamp(Value<long>(field), -1, int.MaxValue);
                    break;
            }
        }
    }

    private void ReadNormalizer(ByteString message)
    {
        RefuseCharacterMap(message, "normalizer_spec");
        foreach (var field in FieldsOf(message))
        {
            switch (field.Number)
            {
                case 3:
                    _addsPrefix = Value<long>(field) != 0;
                    break;
                case 4:
                    _collapsesSpaces = Value<long>(field) != 0;
                    break;
                case 5 when Value<long>(field) == 0:
                    throw Wrong("normalizer_spec escape_whitespaces", "true", "false");
            }
        }
    }

    private void RefuseCharacterMap(ByteString message, string where)
    {
        foreach (var field in FieldsOf(message))
        {
            if (field.Number == 2 && Value<ByteString>(field) is { IsEmpty: false } map)
            {
                throw Wrong($"{where} precompiled_charsmap", "none, as of identity", $"one of {map.Length} bytes");
            }
        }
    }

    /// <summary>The fields of a message in order; of a group or a number of 64 bits, which none here is, no value.</summary>
    private static IEnumerable<Field> FieldsOf(ByteString message)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint:
                    yield return new(number, input.ReadInt64());
                    break;
                case WireFormat.WireType.LengthDelimited:
                    yield return new(number, input.ReadBytes());
                    break;
                case WireFormat.WireType.Fixed32:
                    yield return new(number, input.ReadFloat());
                    break;
                default:
                    input.SkipLastField();
                    yield return new(number, Value: null);
                    break;
            }
        }
    }

    private T Value<T>(Field field) => field.Value is T value
        ? value
        : throw new TokenizerException(
            $"'{_path}' is no SentencePiece model: field {field.Number}: expected another type, got {field.Value switch
            {
                long => "a number",
                float => "a float",
                ByteString => "bytes",
                _ => "64 bits or a group",
            }}.");

    private string Utf8(ByteString bytes)
    {
        try
        {
            return s_strictUtf8.GetString(bytes.Span);
        }
        catch (DecoderFallbackException error)
        {
            throw new TokenizerException($"'{_path}', piece {_pieces.Count}: expected UTF-8, got other bytes.", error);
        }
    }

    /// <summary>Every way to make a piece of two others; pieces of one score share a rank.</summary>
    private (List<BpeMerge> Merges, List<int> Ranks) Merges()
    {
        var (merges, ranks) = (new List<BpeMerge>(), new List<int>());
        var (rank, score) = (-1, float.NaN);
        foreach (var (id, piece) in _pieces.Index()
            .Where(piece => piece.Item.Kind == Kind.Normal)
            .OrderByDescending(piece => piece.Item.Score))
        {
            rank += piece.Score == score ? 0 : 1;
            score = piece.Score;
            for (var cut = 1; cut < piece.Text.Length; cut++)
            {
                if (IdOfNormal(piece.Text[..cut]) is { } left && IdOfNormal(piece.Text[cut..]) is { } right)
                {
                    merges.Add(new(left, right, id));
                    ranks.Add(rank);
                }
            }
        }

        return (merges, ranks);
    }

    /// <summary>The id of a piece that may be merged; a half of a surrogate pair is none.</summary>
    private int? IdOfNormal(string text) => _ids.TryGetValue(text, out var id) && _pieces[id].Kind == Kind.Normal ? id : null;

    private TokenizerException Wrong(string where, string expected, string got) =>
        new($"'{_path}', {where}: expected {expected}, got {got}, which is not known here.");

    /// <summary>A field of a protobuf message: a long, a float or a ByteString.</summary>
    private readonly record struct Field(int Number, object? Value);

    private readonly record struct Piece(string Text, float Score, Kind Kind);
}
