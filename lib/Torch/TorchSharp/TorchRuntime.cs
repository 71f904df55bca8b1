using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// What the library needs beyond TorchSharp's API, over the TorchSharp package: the twin of the TorchRuntime over our
/// shim. TorchSharp counts no bytes, so there are no counters of them here.
/// </summary>
public static partial class TorchRuntime
{
    // One span holds up to 2 GiB, and no element is wider than 8 bytes.
    private const long ElementsAtOnce = int.MaxValue / sizeof(double);

    /// <summary>Native tensors that are not freed yet.</summary>
    public static long LiveTensors => torch.Tensor.TotalCount;

    /// <summary>What libtorch refused, where an exception says so.</summary>
    /// <param name="error">Any exception.</param>
    /// <returns>The typed error; null for an exception that does not come from libtorch.</returns>
    public static TorchException? ErrorOf(Exception error)
    {
        // Sockets and processes throw types derived from it.
        if (error.GetType() != typeof(ExternalException))
        {
            return null;
        }

        var message = error.Message.Split('\n')[0];
        return message.Contains("memory", StringComparison.Ordinal) || message.Contains("NVML_SUCCESS", StringComparison.Ordinal)
            ? new TorchOutOfMemoryException(message)
            : new TorchException(message);
    }

    /// <summary>A tensor with what something else holds in memory. TorchSharp maps none, so it is a copy.</summary>
    /// <param name="memory">Where the first element is.</param>
    /// <param name="size">The shape.</param>
    /// <param name="type">The element type.</param>
    /// <param name="owner">Kept alive until all is copied.</param>
    /// <returns>A tensor with memory of its own.</returns>
    internal static unsafe torch.Tensor FromMemory(nint memory, long[] size, torch.ScalarType type, object owner)
    {
        var tensor = torch.empty(size, type);
        using var scope = torch.NewDisposeScope();
        var flat = tensor.reshape(-1);
        var width = type.ElementSize();
        for (var start = 0L; start < tensor.NumberOfElements; start += ElementsAtOnce)
        {
            var count = Math.Min(ElementsAtOnce, tensor.NumberOfElements - start);
            var source = new ReadOnlySpan<byte>((void*)(memory + (nint)(start * width)), (int)(count * width));
            source.CopyTo(flat.narrow(0, start, count).bytes);
        }

        GC.KeepAlive(owner);
        return tensor;
    }
}
