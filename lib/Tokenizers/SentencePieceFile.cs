using System.Buffers.Text;
using System.Text;
using Google.Protobuf;

namespace Logitscope;

/// <summary>
/// tokenizer.model, SentencePiece's own file: a protobuf message with pieces, their scores and kinds, and how a text is
/// normalised. Only BPE without a character map is known. Two tokens merge where their join is a piece; the piece of
/// the highest score first, the leftmost of equals.
/// </summary>
/// <remarks>https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto has the numbers of the fields.</remarks>
internal sealed class SentencePieceFile
{
    public const string Name = "tokenizer.model";

    /// <summary>Every cut of a piece is looked up, so the longest bounds the time that a file may take.</summary>
    private const int LongestPiece = 512;

    private static readonly string[] s_models = ["", "unigram", "BPE", "word", "char"];
    private static readonly string[] s_kinds = ["", "NORMAL", "UNKNOWN", "CONTROL", "USER_DEFINED", "UNUSED", "BYTE"];
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly Message _trainer;
    private readonly Message _normalizer;
    private readonly List<Piece> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    private SentencePieceFile(string path)
    {
        _path = path;
        var bytes = TokenizerFile.ReadBytes(path);
        RefuseTiktoken(path, bytes);
        var file = new Message(path, UnsafeByteOperations.UnsafeWrap(bytes));
        foreach (var piece in file.Parts(1))
        {
            Add(piece);
        }

        (_trainer, _normalizer) = (file.Whole(2), file.Whole(3));
        RefuseCharacterMap(_normalizer, "normalizer_spec");
        RefuseCharacterMap(file.Whole(5), "denormalizer_spec");
        Refuse(_trainer.Flag(24), "trainer_spec treat_whitespace_as_suffix", "false", "true");
        Refuse(!_normalizer.Flag(5, otherwise: true), "normalizer_spec escape_whitespaces", "true", "false");
        var model = _trainer.Number(3, otherwise: 1);
        var got = model > 0 && model < s_models.Length ? s_models[model] : $"{model}";
        Refuse(got != "BPE", "trainer_spec model_type", "BPE", got);
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
        var files = new SpecialTokenFiles(folder);
        files.Config["tokenizer_class"].Refuse(files.Class is not null && !files.IsLlama, "LlamaTokenizer", $"{files.Class}");
        var vocabulary = file.Vocabulary(files);
        vocabulary.RequireEveryId(file._path);
        return new(vocabulary);
    }

    // LLaMA 3's own tokenizer.model has lines of a token in base64 and its rank, and says neither pattern nor special tokens.
    private static void RefuseTiktoken(string path, ReadOnlySpan<byte> file)
    {
        var line = file[..Math.Max(0, file.IndexOf((byte)'\n'))];
        var space = line.IndexOf((byte)' ');
        if (space > 0 && Base64.IsValid(line[..space]) && Utf8Parser.TryParse(line[(space + 1)..], out int _, out _))
        {
            throw new TokenizerException(
                $"'{path}': expected a SentencePiece model, got tiktoken's lines of base64 and rank, which do not say how text is split; "
                + $"put the {TokenizerJson.Name} of the same model beside it, from the model's page or by transformers' "
                + "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER).");
        }
    }

    private SentencePieceVocabulary Vocabulary(SpecialTokenFiles files)
    {
        var (fallsBack, addsPrefix, collapses) = (_trainer.Flag(35), _normalizer.Flag(3, otherwise: true), _normalizer.Flag(4, otherwise: true));
        files.RequirePrefixSpace(addsPrefix);
        if (fallsBack)
        {
            ByteTokens.IdsIn(_ids, $"'{_path}'");
        }

        var (merges, ranks) = Merges();
        var isLegacy = files.Config["legacy"].Flag(otherwise: true);
        files.Config["legacy"].Refuse(!isLegacy && collapses, "true where the model removes extra whitespace", "false");
        var added = _pieces.Index().Where(piece => piece.Item.Kind is Kind.Unknown or Kind.Control)
            .Select(piece => new AddedToken(piece.Item.Text, piece.Index));
        var unknown = _pieces.FindIndex(piece => piece.Kind == Kind.Unknown);
        var legacy = new SpaceRewriter(addsPrefix ? SpacePrefix.Always : SpacePrefix.None, collapses);
        var first = new SpaceRewriter(addsPrefix ? SpacePrefix.FirstUnlessThere : SpacePrefix.None);
        return new()
        {
            Tokens = _ids,
            Merges = merges,
            MergeRanks = ranks,
            Special = files.Read(
                _ids,
                _path,
                [.. added],
                (TextOf(_trainer.Number(41, otherwise: 1)), TextOf(_trainer.Number(42, otherwise: 2))),
                files.Config["add_bos_token"].Flag(otherwise: true)),
            Normalizer = isLegacy ? legacy : TextRewriter.None,
            Preparation = isLegacy ? TextRewriter.None : first,
            FallsBackToBytes = fallsBack,
            UnknownId = unknown >= 0 ? unknown : throw Wrong("pieces", "one of kind UNKNOWN", "none"),
            FusesUnknown = true,
            DropsFirstSpace = addsPrefix || collapses,
        };
    }

    private string TextOf(long id) => id >= 0 && id < _pieces.Count ? _pieces[(int)id].Text : "";

    private void Add(Message message)
    {
        var (score, kind) = (message.Float(2), message.Number(3, otherwise: (long)Kind.Normal));
        var text = Utf8(message.Bytes(1));
        (string Expected, string Got)? wrong =
            !Enum.IsDefined((Kind)kind) ? ("NORMAL, UNKNOWN, CONTROL or BYTE", kind is > 0 and < 7 ? s_kinds[kind] : $"{kind}")
            : text.Length is 0 or > LongestPiece || !float.IsFinite(score)
                ? ($"1 to {LongestPiece} chars with a finite score", $"{text.Length} chars with the score {score}")
            : (Kind)kind == Kind.Byte && ByteTokens.ByteOf(text) is null ? ("a byte such as <0x0A>", $"'{text}'")
            : !_ids.TryAdd(text, _pieces.Count) ? ("each piece once", $"'{text}', which is piece {_ids[text]}")
            : null;
        if (wrong is var (expected, got))
        {
            throw Wrong($"piece {_pieces.Count}", expected, got);
        }

        _pieces.Add(new(text, score, (Kind)kind));
    }

    private void Refuse(bool isSo, string where, string expected, string got)
    {
        if (isSo)
        {
            throw Wrong(where, expected, got);
        }
    }

    private void RefuseCharacterMap(Message specification, string where)
    {
        var map = specification.Bytes(2);
        Refuse(!map.IsEmpty, $"{where} precompiled_charsmap", "none, as of identity", $"one of {map.Length} bytes");
    }

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
        foreach (var (id, piece) in _pieces.Index().Where(one => one.Item.Kind == Kind.Normal).OrderByDescending(one => one.Item.Score))
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

    private readonly record struct Piece(string Text, float Score, Kind Kind);

    // A message of protobuf: of a field that is there twice the last counts, and a message that is there twice is one in two
    // parts. Of a group or a number of 64 bits, which no field here is, the value is null.
    private sealed class Message
    {
        private readonly string _path;
        private readonly List<(int Number, object? Value)> _fields = [];

        public Message(string path, params IEnumerable<ByteString> parts)
        {
            _path = path;
            try
            {
                foreach (var part in parts)
                {
                    Read(part.CreateCodedInput());
                }
            }
            catch (InvalidProtocolBufferException error)
            {
                throw new TokenizerException($"'{path}' is no SentencePiece model: {error.Message}", error);
            }
        }

        public long Number(int field, long otherwise = 0) => Values<long>(field).LastOrDefault(otherwise);

        public bool Flag(int field, bool otherwise = false) => Number(field, otherwise ? 1 : 0) != 0;

        public float Float(int field) => Values<float>(field).LastOrDefault();

        public ByteString Bytes(int field) => Values<ByteString>(field).LastOrDefault(ByteString.Empty);

        public Message Whole(int field) => new(_path, Values<ByteString>(field));

        public IEnumerable<Message> Parts(int field) => Values<ByteString>(field).Select(part => new Message(_path, part));

        private List<T> Values<T>(int field) =>
        [
            .. _fields.Where(one => one.Number == field).Select(one => one.Value is T value ? value : throw new TokenizerException(
                $"'{_path}' is no SentencePiece model: field {field}: expected another type, got {one.Value switch
                {
                    long => "a number",
                    float => "a float",
                    ByteString => "bytes",
                    _ => "64 bits or a group",
                }}.")),
        ];

        private void Read(CodedInputStream input)
        {
            while (input.ReadTag() is not 0 and var tag)
            {
                object? value = null;
                switch (WireFormat.GetTagWireType(tag))
                {
                    case WireFormat.WireType.Varint:
                        value = input.ReadInt64();
                        break;
                    case WireFormat.WireType.LengthDelimited:
                        value = input.ReadBytes();
                        break;
                    case WireFormat.WireType.Fixed32:
                        value = input.ReadFloat();
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }

                _fields.Add((WireFormat.GetTagFieldNumber(tag), value));
            }
        }
    }
}
