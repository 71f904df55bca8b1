namespace Logitscope.Cli.Notebooks;

/// <summary>Writes a file so that it is the old one or the new one, never a part.</summary>
internal static class AtomicFile
{
    /// <exception cref="NotebookException">The folder cannot be made or the file cannot be written.</exception>
    public static void Write(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NotebookException($"{path}: cannot be written: {e.Message}", e);
        }
    }
}
