using System.Globalization;

namespace Logitscope.Tokenizers;

/// <summary>SentencePiece's spelling of the tokens of single bytes: <c>&lt;0x0A&gt;</c>.</summary>
internal static class ByteTokens
{
    public static string Spelling(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte that a token spells, or null.</summary>
    public static byte? ByteOf(string token) =>
        token.Length == Spelling(0).Length
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, provider: null, out var value)
        && Spelling(value) == token
            ? value
            : null;

    /// <summary>The ids of the 256 bytes; throws where one has none.</summary>
    /// <exception cref="TokenizerException">A byte has no token.</exception>
    public static int[] IdsIn(IReadOnlyDictionary<string, int> tokens, string where)
    {
        var ids = new int[256];
        for (var value = 0; value < ids.Length; value++)
        {
            ids[value] = tokens.TryGetValue(Spelling((byte)value), out var id)
                ? id
                : throw new TokenizerException(
                    $"{where}: expected a token for each of the 256 bytes, got none for {Spelling((byte)value)}.");
        }

        return ids;
    }
}
