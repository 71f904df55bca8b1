namespace Logitscope.Cli.Notebooks;

/// <summary>Writes a file so that it is the old one or the new one, never a part.</summary>
internal static class AtomicFile
{
    public static void Write(string path, string text)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }
}
