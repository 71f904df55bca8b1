using System.Buffers;
using System.Text;

namespace Logitscope;

/// <summary>The lines of a file as bytes, so that a line that is not UTF-8 can be told by its number.</summary>
internal static class Utf8Lines
{
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Lines with their numbers from 1, without their ends (LF or CR LF) and without a byte order mark. The bytes are
    /// valid until the next line.
    /// </summary>
    /// <exception cref="DatasetException">The file cannot be read, or only stands for the real one.</exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes)> Read(string path)
    {
        using var stream = Guarded(path, () => File.OpenRead(path));
        var buffer = new byte[BufferSize];
        var line = new ArrayBufferWriter<byte>();
        var number = 1;
        int length;
        while ((length = Guarded(path, () => stream.Read(buffer))) > 0)
        {
            if (number == 1 && line.WrittenCount == 0 && GitLfs.Remedy($"'{path}'", buffer.AsSpan(..length)) is { } remedy)
            {
                throw new DatasetException(remedy);
            }

            var start = 0;
            int end;
            while ((end = Array.IndexOf(buffer, (byte)'\n', start, length - start)) >= 0)
            {
                line.Write(buffer.AsSpan(start..end));
                yield return (number, Trimmed(line.WrittenMemory, number));
                line.Clear();
                number++;
                start = end + 1;
            }

            line.Write(buffer.AsSpan(start..length));
        }

        if (line.WrittenCount > 0)
        {
            yield return (number, Trimmed(line.WrittenMemory, number));
        }
    }

    private static ReadOnlyMemory<byte> Trimmed(ReadOnlyMemory<byte> line, int number)
    {
        var isMarked = number == 1 && line.Span.StartsWith(Encoding.UTF8.Preamble);
        var unmarked = isMarked ? line[Encoding.UTF8.Preamble.Length..] : line;
        return unmarked.Span.EndsWith("\r"u8) ? unmarked[..^1] : unmarked;
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"'{path}' cannot be read: {error.Message}", error);
        }
    }
}
