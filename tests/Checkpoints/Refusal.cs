using Logitscope.Tests.Models;

namespace Logitscope.Tests.Checkpoints;

/// <summary>What must happen to a file that nobody should have made.</summary>
internal static class Refusal
{
    private const long MostBytes = 64 << 20; // a hostile file may announce any size; it gets no such memory

    /// <summary>It is refused in one line that holds these words, and has made the reader take little memory.</summary>
    public static void Of(Action open, params string[] words)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CheckpointException>(open);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        TinyModel.Says(error, words);
    }
}
