using System.Text;
using System.Text.Json;

namespace Logitscope;

/// <summary>vocab.json and added_tokens.json: one JSON object of tokens to ids.</summary>
internal static class TokenIdFile
{
    /// <summary>The tokens and ids of the file, each once.</summary>
    public static Dictionary<string, int> Read(string path)
    {
        var json = TokenizerFile.ReadUtf8(path).Span;
        var reader = new Utf8JsonReader(json);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        try
        {
            reader.Read();
            var wrong = reader.TokenType == JsonTokenType.StartObject ? null : $"an object of tokens to ids, got {Source(reader)}";
            while (wrong is null && reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var token = TokenizerFile.StringAt(path, json, reader);
                reader.Read();
                wrong = token.Length == 0 ? "a token, got an empty string"
                    : reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id) || id < 0
                        ? $"a whole number from 0 as the id of '{token}', got {Source(reader)}"
                    : !ids.TryAdd(token, id) ? $"each token once, got '{token}' again"
                    : !tokens.TryAdd(id, token) ? $"each id once, got {id} for both '{tokens[id]}' and '{token}'"
                    : null;
            }

            if (wrong is not null)
            {
                throw new TokenizerException($"'{path}', line {TokenizerFile.LineAt(json, reader.TokenStartIndex)}: expected {wrong}.");
            }

            reader.Read();
            return ids;
        }
        catch (JsonException error)
        {
            throw TokenizerFile.NotJson(path, error);
        }
    }

    private static string Source(in Utf8JsonReader reader) => Encoding.UTF8.GetString(reader.ValueSpan);
}
