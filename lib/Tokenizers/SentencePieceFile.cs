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
        var file = new ProtobufReader(TokenizerFile.ReadBytes(path), path);
        while (file.Next())
        {
            switch (file.Field)
            {
                case 1:
                    AddPiece(file.Message());
                    break;
                case 2:
                    ReadTrainer(file.Message());
                    break;
                case 3:
                    ReadNormalizer(file.Message());
                    break;
                case 5:
                    RefuseCharacterMap(file.Message(), "denormalizer_spec");
                    break;
            }
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
                _ids,
                _path,
                [.. added],
                (TextOf(_bosId), TextOf(_eosId)),
                files.Config["add_bos_token"].Flag(otherwise: true)),
            Normalizer = isLegacy ? legacy : TextRewriter.None,
            Preparation = isLegacy ? TextRewriter.None : first,
            FallsBackToBytes = _fallsBackToBytes,
            UnknownId = unknown >= 0 ? unknown : throw Wrong("pieces", "one of kind UNKNOWN", "none"),
            FusesUnknown = true,
            DropsFirstSpace = _addsPrefix || _collapsesSpaces,
        };
    }

    private string TextOf(int id) => id >= 0 && id < _pieces.Count ? _pieces[id].Text : "";

    private void AddPiece(ProtobufReader message)
    {
        var (text, score, kind) = ("", 0f, (long)Kind.Normal);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    text = message.Text();
                    break;
                case 2:
                    score = message.Float();
                    break;
                case 3:
                    kind = message.Number();
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
            throw Wrong(
                where, $"1 to {LongestPiece} chars with a finite score", $"{text.Length} chars with the score {score}");
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

    private void ReadTrainer(ProtobufReader message)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 3:
                    _model = (int)Math.Clamp(message.Number(), 0, int.MaxValue);
                    break;
                case 24 when message.Number() != 0:
                    throw Wrong("trainer_spec treat_whitespace_as_suffix", "false", "true");
                case 35:
                    _fallsBackToBytes = message.Number() != 0;
                    break;
                case 41:
                    _bosId = (int)Math.Clamp(message.Number(), -1, int.MaxValue);
                    break;
                case 42:
                    _eosId = (int)Math.Clamp(message.Number(), -1, int.MaxValue);
                    break;
            }
        }
    }

    private void ReadNormalizer(ProtobufReader message)
    {
        RefuseCharacterMap(message, "normalizer_spec");
        while (message.Next())
        {
            switch (message.Field)
            {
                case 3:
                    _addsPrefix = message.Number() != 0;
                    break;
                case 4:
                    _collapsesSpaces = message.Number() != 0;
                    break;
                case 5 when message.Number() == 0:
                    throw Wrong("normalizer_spec escape_whitespaces", "true", "false");
            }
        }
    }

    private void RefuseCharacterMap(ProtobufReader message, string where)
    {
        while (message.Next())
        {
            if (message.Field == 2 && !message.Bytes().IsEmpty)
            {
                throw Wrong(
                    $"{where} precompiled_charsmap", "none, as of identity", $"one of {message.Bytes().Length} bytes");
            }
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
    private int? IdOfNormal(string text) =>
        _ids.TryGetValue(text, out var id) && _pieces[id].Kind == Kind.Normal ? id : null;

    private TokenizerException Wrong(string where, string expected, string got) =>
        new($"'{_path}', {where}: expected {expected}, got {got}, which is not known here.");

    private readonly record struct Piece(string Text, float Score, Kind Kind);
}
