namespace Logitscope.Checkpoints;

/// <summary>The short text that stands for a large file where a checkout has not fetched it.</summary>
internal static class GitLfs
{
    /// <summary>Whether a file that begins like this is a pointer.</summary>
    public static bool IsPointer(ReadOnlySpan<byte> file) => file.StartsWith("version https://git-lfs."u8);

    /// <summary>What to tell of one.</summary>
    public static string Remedy(string path) =>
        $"{path}: expected the file itself, got a Git LFS pointer to it ('git lfs pull' gets it)";
}
