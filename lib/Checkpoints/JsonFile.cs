namespace Logitscope.Checkpoints;

/// <summary>A JSON file that comes with a model.</summary>
internal static class JsonFile
{
    private const int Longest = 16 << 20; // an index of 100,000 tensors

    /// <summary>Its bytes.</summary>
    /// <exception cref="CheckpointException">It is empty, or so long that it takes too much memory to read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path)
    {
        // A pipe has no length either, and reading one would wait for its other end.
        var length = new FileInfo(path).Length;
        return length is > 0 and <= Longest
            ? File.ReadAllBytes(path)
            : throw new CheckpointException($"{path}: expected JSON of 1 to {Longest} bytes, got {length}");
    }
}
