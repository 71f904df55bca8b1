using System.Text;

namespace Logitscope;

/// <summary>Writes a file so that it is the old one or the new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>Writes text as UTF-8.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes what an action puts into the stream.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        // Two processes that write the same file do not write the same temporary one.
        var temporary = $"{path}.{Environment.ProcessId}.part";
        try
        {
            using (var stream = File.Create(temporary))
            {
                write(stream);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
