using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Logitscope.Tokenizers;

/// <summary>vocab.json and added_tokens.json: one JSON object of tokens to ids.</summary>
internal static class TokenIdFile
{
    private static readonly JsonSerializerOptions s_writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        IndentSize = 0,
        NewLine = "\n",
    };

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
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong(path, json, reader, $"an object of tokens to ids, got {Source(reader)}");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                Add(path, json, ref reader, ids, tokens);
            }

            reader.Read();
        }
        catch (JsonException error)
        {
            throw TokenizerFile.NotJson(path, error);
        }

        return ids;
    }

    /// <summary>Writes tokens by id, one a line.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, int> ids)
    {
        var byId = new OrderedDictionary<string, int>(ids.OrderBy(token => token.Value));
        TokenizerFile.Write(path, JsonSerializer.Serialize(byId, s_writing) + "\n");
    }

    private static void Add(
        string path,
        ReadOnlySpan<byte> json,
        ref Utf8JsonReader reader,
        Dictionary<string, int> ids,
        Dictionary<int, string> tokens)
    {
        var token = TokenizerFile.StringAt(path, json, reader);
        if (token.Length == 0)
        {
            throw Wrong(path, json, reader, "a token, got an empty string");
        }

        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var id) || id < 0)
        {
            throw Wrong(path, json, reader, $"a whole number from 0 as the id of '{token}', got {Source(reader)}");
        }

        if (!ids.TryAdd(token, id))
        {
            throw Wrong(path, json, reader, $"each token once, got '{token}' again");
        }

        if (!tokens.TryAdd(id, token))
        {
            throw Wrong(path, json, reader, $"each id once, got {id} for both '{tokens[id]}' and '{token}'");
        }
    }

    private static TokenizerException Wrong(
        string path, ReadOnlySpan<byte> json, in Utf8JsonReader reader, string what) =>
        new($"'{path}', line {TokenizerFile.LineAt(json, reader.TokenStartIndex)}: expected {what}.");

    private static string Source(in Utf8JsonReader reader) => Encoding.UTF8.GetString(reader.ValueSpan);
}
