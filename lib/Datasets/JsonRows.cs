using System.Text.Json;

namespace Logitscope;

/// <summary>Files of one JSON object a line, each a record under its own names in snake case; other properties are left alone.</summary>
internal static class JsonRows
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads all rows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What a row is, in words.</param>
    /// <param name="isWhole">Whether a row says what it must.</param>
    /// <exception cref="DatasetException">It cannot be read, a line is no such record, or there is none.</exception>
    public static IReadOnlyList<T> Read<T>(string path, string expected, Func<T, bool> isWhole)
        where T : class
    {
        var rows = Utf8Lines.Read(path).Where(line => !line.Bytes.Span.Trim(" \t"u8).IsEmpty).Select(line => Row(line.Number, line.Bytes)).ToArray();
        return rows.Length > 0 ? rows : throw new DatasetException($"'{path}': expected lines of {expected}, got none");

        T Row(int number, ReadOnlyMemory<byte> bytes)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(bytes.Span, s_json) is { } row && isWhole(row)
                    ? row
                    : throw new DatasetException($"'{path}', line {number}: expected {expected}, got an empty one");
            }
            catch (JsonException error)
            {
                throw new DatasetException($"'{path}', line {number}: expected {expected}, got another line ({error.Message})", error);
            }
        }
    }
}
