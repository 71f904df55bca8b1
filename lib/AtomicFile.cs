using System.Runtime.InteropServices;
using System.Text;

namespace Logitscope;

// Writes a file so that it is the old one or the new one, never a part. A link stays, and what it points to is written; a device
// or a pipe takes the bytes as they come.
internal static unsafe partial class AtomicFile
{
    /// <summary>Writes text as UTF-8.</summary>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes a result into a folder that is made where it is missing.</summary>
    public static void Save(string path, Action<Stream> write)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        Write(path, write);
    }

    /// <summary>Writes what an action puts into the stream, which may not be able to seek.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var file = new FileInfo(path);
        path = file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        if (IsDeviceOrPipe(path))
        {
            using var through = OpenThrough(path);
            write(through);
            return;
        }

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
        catch (Exception error)
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }

            // Who reads of it asked for the file, and knows of no other.
            if (error is IOException or UnauthorizedAccessException && error.Message.Contains(temporary, StringComparison.Ordinal))
            {
                throw new IOException(error.Message.Replace(temporary, path, StringComparison.Ordinal), error);
            }

            throw;
        }
    }

    // To open a pipe that nobody reads is to wait for who does, perhaps for ever.
    private static FileStream OpenThrough(string path)
    {
        const int seconds = 5;
        var opening = Task.Run(() => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
        return Task.WhenAny(opening, Task.Delay(TimeSpan.FromSeconds(seconds))).GetAwaiter().GetResult() == opening
            ? opening.GetAwaiter().GetResult()
            : throw new IOException($"{path}: expected somebody who reads the pipe, got nobody in {seconds} seconds");
    }

    // .NET does not tell a device from a file. The layout of statx's answer is the same on every machine.
    private static bool IsDeviceOrPipe(string path)
    {
        const int here = -100, typeOfFile = 1, mode = 28, kind = 0xF000, regular = 0x8000, directory = 0x4000;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var answer = stackalloc byte[256];
        return statx(here, path, 0, typeOfFile, answer) == 0 && (*(ushort*)(answer + mode) & kind) is not (regular or directory);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* answer);
}
