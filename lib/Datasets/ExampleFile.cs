using System.Text;
using System.Text.Json;

namespace Logitscope;

/// <summary>
/// Reads examples from a file, one a line, as it goes along, so a file may be larger than memory.
/// <list type="bullet">
/// <item><c>.jsonl</c>: each line that is not blank is an object with <c>"text"</c>, a string, or <c>"ids"</c>, a list of token ids, and
/// perhaps <c>"id"</c>, a string or number; other properties are left alone.</item>
/// <item><c>.txt</c>: each line that is not blank is a text. A text of several lines needs <c>.jsonl</c>.</item>
/// </list>
/// Files are UTF-8. An example without an id is called by its file's name and line: <c>pile.jsonl:17</c>.
/// </summary>
public static class ExampleFile
{
    private const int LongestShown = 60;

    /// <summary>The examples of a file in order.</summary>
    /// <param name="path">A file that ends in .jsonl or .txt.</param>
    /// <param name="limit">Reads at most this many examples, and no further; null reads all.</param>
    /// <exception cref="DatasetException">
    /// At once: the file is not there or of another kind, or the limit is less than 1. While reading: a line that is
    /// not an example, or a file without any.
    /// </exception>
    public static IEnumerable<Example> Read(string path, int? limit = null)
    {
        if (limit < 1)
        {
            throw new DatasetException($"'{path}': expected a limit of 1 or more examples, got {limit}.");
        }

        Func<Line, Example?> parse = Path.GetExtension(path) switch
        {
            ".jsonl" => ParseRow,
            ".txt" => ParseText,
            var other => throw new DatasetException(
                $"'{path}': expected a file ending in .jsonl or .txt, got '{other}'."),
        };
        return File.Exists(path)
            ? ReadLines(path, parse, limit ?? int.MaxValue)
            : throw new DatasetException($"'{path}': expected a file of examples, found none.");
    }

    private static IEnumerable<Example> ReadLines(string path, Func<Line, Example?> parse, int limit)
    {
        var count = 0;
        foreach (var (number, bytes) in Utf8Lines.Read(path))
        {
            if (parse(new(path, number, bytes)) is { } example)
            {
                yield return example;
                if (++count == limit)
                {
                    yield break;
                }
            }
        }

        if (count == 0)
        {
            throw new DatasetException($"'{path}': expected at least one example, got none.");
        }
    }

    private static Example? ParseText(Line line)
    {
        var text = line.Text;
        return string.IsNullOrWhiteSpace(text) ? null : new(line.Name, text, Ids: null);
    }

    private static Example? ParseRow(Line line)
    {
        if (string.IsNullOrWhiteSpace(line.Text))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line.Text, new() { AllowDuplicateProperties = false });
            return ParseRow(line, document.RootElement);
        }
        catch (JsonException error)
        {
            throw line.Wrong("a well-formed JSON object with each name once", line.Shown, error);
        }
        catch (InvalidOperationException error)
        {
            // An escaped lone surrogate is well-formed JSON, and System.Text.Json throws only when it is read.
            throw line.Wrong("valid Unicode", line.Shown, error);
        }
    }

    private static Example ParseRow(Line line, JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw line.Wrong("a JSON object", line.Shown);
        }

        var hasText = row.TryGetProperty("text", out var text);
        var hasIds = row.TryGetProperty("ids", out var ids);
        if (hasText == hasIds)
        {
            throw line.Wrong("either \"text\" or \"ids\"", $"{(hasText ? "both" : "neither")}, {line.Shown}");
        }

        return new(
            row.TryGetProperty("id", out var id) ? ParseId(line, id) : line.Name,
            hasText ? ParseString(line, "text", text) : null,
            hasIds ? ParseIds(line, ids) : null);
    }

    private static string ParseId(Line line, JsonElement id) =>
        id.ValueKind == JsonValueKind.Number ? id.GetRawText() : ParseString(line, "id", id);

    private static string ParseString(Line line, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw line.Wrong($"\"{name}\" to be a string", Shorten(value.GetRawText()));
        }

        return value.GetString()!;
    }

    private static int[] ParseIds(Line line, JsonElement ids)
    {
        if (ids.ValueKind != JsonValueKind.Array || ids.GetArrayLength() == 0)
        {
            throw line.Wrong("\"ids\" to be a list of token ids", Shorten(ids.GetRawText()));
        }

        return [.. ids.EnumerateArray().Select(id =>
            id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var value) && value >= 0
                ? value
                : throw line.Wrong("\"ids\" to hold whole numbers from 0", Shorten(id.GetRawText())))];
    }

    private static string Shorten(string source) =>
        source.Length <= LongestShown ? source : $"{source[..LongestShown]}... ({source.Length} characters)";

    /// <summary>A line and where it stands.</summary>
    private sealed class Line(string path, int number, ReadOnlyMemory<byte> bytes)
    {
        private static readonly UTF8Encoding s_strictUtf8 =
            new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        /// <summary>The id of an example that has none of its own.</summary>
        public string Name => $"{Path.GetFileName(path)}:{number}";

        /// <summary>The line's text for a message.</summary>
        public string Shown => $"'{Shorten(Text)}'";

        public string Text
        {
            get
            {
                try
                {
                    return s_strictUtf8.GetString(bytes.Span);
                }
                catch (DecoderFallbackException error)
                {
                    throw Wrong("UTF-8", $"other bytes at {error.Index}", error);
                }
            }
        }

        public DatasetException Wrong(string expected, string got, Exception? inner = null) =>
            new($"'{path}', line {number}: expected {expected}, got {got}.", inner);
    }
}
