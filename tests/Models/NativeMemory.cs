namespace Logitscope.Tests.Models;

/// <summary>Native tensors that are not freed, for tests in the collection <see cref="Alone"/>.</summary>
internal static class NativeMemory
{
    /// <summary>Once everything forgotten is freed.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Now;
    }

    public static long Now => TorchSharp.torch.Tensor.TotalCount;
}
