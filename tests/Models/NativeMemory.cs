using TorchSharp;

namespace Logitscope.Tests.Models;

/// <summary>What libtorch holds, for tests in the collection <see cref="Alone"/>.</summary>
internal static class NativeMemory
{
    /// <summary>Once everything forgotten is freed.</summary>
    public static (long Tensors, long Bytes) Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Now;
    }

    public static (long Tensors, long Bytes) Now => (TorchRuntime.LiveTensors, TorchRuntime.NativeBytes);
}
