namespace Logitscope.Tests;

/// <summary>A folder of its own for one test, removed after it.</summary>
/// <param name="prefix">What its name begins with.</param>
/// <param name="parent">Where it lies; null: among the system's temporary files.</param>
internal sealed class TemporaryFolder(string prefix = "logitscope-tests-", string? parent = null) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = parent is null
        ? Directory.CreateTempSubdirectory(prefix).FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(parent, prefix + System.IO.Path.GetRandomFileName())).FullName;

    /// <summary>One in memory where the system has such a place, for tests that write many files.</summary>
    public static TemporaryFolder Fast() => new(parent: Directory.Exists(Memory) ? Memory : null);

    /// <summary>The path of a file or folder in it.</summary>
    public string PathOf(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a file, which may be in a folder below.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        var path = Prepare(name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string name, byte[] bytes)
    {
        var path = Prepare(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Prepare(string name)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }
}
