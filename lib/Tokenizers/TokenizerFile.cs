using System.Text;
using System.Text.Json;

namespace Logitscope;

/// <summary>A tokenizer's file; a fault in it becomes a <see cref="TokenizerException"/> that names it.</summary>
internal static class TokenizerFile
{
    private const int Longest = 1 << 27; // a tokenizer.json of 256,000 tokens has a quarter of it

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file's bytes, valid UTF-8, without a byte order mark.</summary>
    public static ReadOnlyMemory<byte> ReadUtf8(string path)
    {
        ReadOnlyMemory<byte> bytes = ReadBytes(path);
        try
        {
            s_strictUtf8.GetCharCount(bytes.Span);
            return bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        }
        catch (DecoderFallbackException error)
        {
            throw new TokenizerException(
                $"'{path}', line {LineAt(bytes.Span, error.Index)}: expected UTF-8, got other bytes.", error);
        }
    }

    /// <summary>The file's lines, without the empty one that a final newline makes.</summary>
    public static string[] ReadLines(string path)
    {
        var text = Encoding.UTF8.GetString(ReadUtf8(path).Span);
        var lines = Array.ConvertAll(text.Split('\n'), line => line.TrimEnd('\r'));
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    /// <summary>The file's one JSON object. Its strings and names are valid Unicode.</summary>
    public static JsonElement ReadObject(string path)
    {
        var json = ReadUtf8(path);
        try
        {
            RequireValidStrings(path, json.Span);
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new TokenizerException(
                    $"'{path}', line 1: expected a JSON object, got {Describe(document.RootElement.ValueKind)}.");
        }
        catch (JsonException error)
        {
            throw NotJson(path, error);
        }
    }

    /// <summary>The string or property name at which a reader of the file stands.</summary>
    public static string StringAt(string path, ReadOnlySpan<byte> json, in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new TokenizerException(
                $"'{path}', line {LineAt(json, reader.TokenStartIndex)}: expected valid Unicode, "
                + $"got \"{Encoding.UTF8.GetString(reader.ValueSpan)}\".",
                error);
        }
    }

    /// <summary>The number from 1 of the line in which a byte stands.</summary>
    public static int LineAt(ReadOnlySpan<byte> text, long index) => text[..(int)index].Count((byte)'\n') + 1;

    public static TokenizerException NotJson(string path, JsonException error)
    {
        var where = error.LineNumber is { } line ? $"'{path}', line {line + 1}" : $"'{path}'";
        return new($"{where}: expected a well-formed JSON object with each name once.", error);
    }

    /// <summary>A JSON value's kind as a message says it.</summary>
    public static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null or JsonValueKind.Undefined => "null",
        _ => "a truth value",
    };

    /// <summary>The file's bytes.</summary>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > Longest)
            {
                throw new TokenizerException($"'{path}': expected at most {Longest} bytes, got {file.Length}.");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return GitLfs.Remedy($"'{path}'", bytes) is { } remedy ? throw new TokenizerException(remedy) : bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>An escaped lone surrogate is valid JSON, and throws only when it is read.</summary>
    private static void RequireValidStrings(string path, ReadOnlySpan<byte> json)
    {
        for (var reader = new Utf8JsonReader(json); reader.Read();)
        {
            _ = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? StringAt(path, json, reader) : null;
        }
    }
}
