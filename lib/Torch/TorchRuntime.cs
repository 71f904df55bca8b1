using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// What TorchSharp's API does not say: counters, mapped memory, which error an exception is, and how fast this BLAS is.
/// </summary>
public static partial class TorchRuntime
{
    private const int MaximumInformation = 16384;

    /// <summary>Native tensors that are not freed yet.</summary>
    public static long LiveTensors
    {
        get
        {
            Native.Check(lt_live_tensors(out var count));
            return count;
        }
    }

    /// <summary>Bytes that libtorch holds on the CPU. Memory-mapped weights are not among them.</summary>
    public static long NativeBytes
    {
        get
        {
            Native.Check(lt_native_bytes(out var now, out _));
            return now;
        }
    }

    /// <summary>The most that <see cref="NativeBytes"/> has been since <see cref="ResetPeak"/>.</summary>
    public static long PeakNativeBytes
    {
        get
        {
            Native.Check(lt_native_bytes(out _, out var peak));
            return peak;
        }
    }

    /// <summary>libtorch's own account of its build, libraries and threads.</summary>
    public static string BuildInformation => Native.ReadText(lt_build_information, MaximumInformation);

    /// <summary>Starts <see cref="PeakNativeBytes"/> anew.</summary>
    public static void ResetPeak() => Native.Check(lt_reset_peak_bytes());

    /// <summary>What libtorch refused, where an exception says so.</summary>
    /// <param name="error">Any exception.</param>
    /// <returns>The typed error; null for an exception that does not come from libtorch.</returns>
    public static TorchException? ErrorOf(Exception error) => error as TorchException;

    /// <summary>A tensor over memory that something else owns.</summary>
    /// <param name="memory">Where the first element is, aligned for its type.</param>
    /// <param name="size">The shape.</param>
    /// <param name="type">The element type.</param>
    /// <param name="owner">Kept alive until the last tensor on the memory is gone.</param>
    /// <returns>A tensor that copies nothing.</returns>
    internal static unsafe torch.Tensor FromMemory(nint memory, long[] size, torch.ScalarType type, object owner)
    {
        var keep = GCHandle.ToIntPtr(GCHandle.Alloc(owner));
        var status = lt_from_memory(memory, size, size.Length, (int)type, &Release, keep, out var result);
        if (status != (int)TorchStatus.Ok)
        {
            GCHandle.FromIntPtr(keep).Free();
        }

        return torch.Tensor.Made(status, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint owner) => GCHandle.FromIntPtr(owner).Free();

    [LibraryImport(Native.Library)]
    private static partial int lt_live_tensors(out long count);

    [LibraryImport(Native.Library)]
    private static partial int lt_native_bytes(out long now, out long peak);

    [LibraryImport(Native.Library)]
    private static partial int lt_reset_peak_bytes();

    [LibraryImport(Native.Library)]
    private static partial int lt_build_information([Out] byte[] buffer, int capacity);

    [LibraryImport(Native.Library)]
    private static unsafe partial int lt_from_memory(
        nint data, long[] sizes, int count, int dtype, delegate* unmanaged[Cdecl]<nint, void> release, nint context,
        out TensorHandle result);
}
