using System.Globalization;

namespace Logitscope;

// GPT-2's spelling of bytes as visible characters in vocab.json and merges.txt: printable Latin-1 bytes stand for themselves, the
// other 68, in order, for U+0100 and up (a space is Ġ). Byte Order[i] has id i in a vocabulary that follows GPT-2.
internal static class ByteSymbols
{
    private const int FirstStandIn = 0x100;

    private static readonly char[] s_symbolOf = new char[256];
    private static readonly Dictionary<char, byte> s_byteOf = new(256);

    static ByteSymbols()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        byte[] others = [.. all.Where(value => !StandsForItself(value))];
        Order = [.. all.Where(StandsForItself), .. others];
        foreach (var value in all)
        {
            var symbol = StandsForItself(value) ? (char)value : (char)(FirstStandIn + Array.IndexOf(others, value));
            s_symbolOf[value] = symbol;
            s_byteOf[symbol] = value;
        }
    }

    /// <summary>The 256 bytes in the order of GPT-2's ids.</summary>
    public static IReadOnlyList<byte> Order { get; }

    public static string SymbolOf(byte value) => s_symbolOf[value].ToString();

    /// <summary>How a text's bytes are spelled.</summary>
    public static string SymbolsOf(ReadOnlySpan<byte> bytes)
    {
        var symbols = new char[bytes.Length];
        for (var place = 0; place < symbols.Length; place++)
        {
            symbols[place] = s_symbolOf[bytes[place]];
        }

        return new(symbols);
    }

    /// <summary>The bytes that a token is spelled with, or null where a character spells no byte.</summary>
    public static byte[]? BytesOf(string token) =>
        token.All(s_byteOf.ContainsKey) ? [.. token.Select(symbol => s_byteOf[symbol])] : null;

    /// <summary>Throws unless each byte that UTF-8 uses has a token. GPT-NeoX's vocabulary has none for the other 13.</summary>
    public static void RequireUtf8(IReadOnlyDictionary<string, int> tokens, string path)
    {
        foreach (var value in Order.Where(value => value is not (0xC0 or 0xC1 or >= 0xF5) && !tokens.ContainsKey(SymbolOf(value))))
        {
            throw new TokenizerException(
                $"'{path}' is no byte-level vocabulary: expected a token for each byte of UTF-8, "
                + $"got none for 0x{value:X2}, '{SymbolOf(value)}'.");
        }
    }

    private static bool StandsForItself(byte value) =>
        value is (>= (byte)'!' and <= (byte)'~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
}

/// <summary>SentencePiece's spelling of the tokens of single bytes: <c>&lt;0x0A&gt;</c>.</summary>
internal static class ByteTokens
{
    public static string Spelling(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte that a token spells, or null.</summary>
    public static byte? ByteOf(string token) =>
        token.Length == Spelling(0).Length
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, provider: null, out var value)
        && Spelling(value) == token ? value : null;

    /// <summary>The ids of the 256 bytes; throws where one has none.</summary>
    public static int[] IdsIn(IReadOnlyDictionary<string, int> tokens, string where) =>
    [
        .. Enumerable.Range(0, 256).Select(value => Spelling((byte)value)).Select(token => tokens.TryGetValue(token, out var id)
            ? id
            : throw new TokenizerException($"{where}: expected a token for each of the 256 bytes, got none for {token}.")),
    ];
}

/// <summary>The symbols of a piece before merging, and for each the chars of the piece that it stands for.</summary>
internal sealed class Symbols(int capacity)
{
    private readonly List<(int Start, int End)> _chars = new(capacity);

    /// <summary>Their ids.</summary>
    public List<int> Ids { get; } = new(capacity);

    public void Add(int id, int start, int end)
    {
        Ids.Add(id);
        _chars.Add((start, end));
    }

    /// <summary>Makes the last symbol reach further.</summary>
    public void Extend(int end) => _chars[^1] = (_chars[^1].Start, end);

    /// <summary>The chars of the symbols from one to before another.</summary>
    public (int Start, int End) CharsOf(int first, int after) => (_chars[first].Start, _chars[after - 1].End);
}
