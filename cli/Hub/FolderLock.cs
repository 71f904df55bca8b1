namespace Logitscope.Cli.Hub;

/// <summary>Keeps a second download out of a folder; the kernel lets go of it when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Creates the folder where it is not there, and locks it.</summary>
    /// <exception cref="HubException">Another download holds it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FolderLock(new FileStream(
                Path.Combine(folder, ".download.lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"{folder}: another download uses it, or it cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
