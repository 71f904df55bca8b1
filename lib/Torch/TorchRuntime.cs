using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What TorchSharp's API does not say: counters, mapped memory, and how fast this BLAS is.</summary>
public static partial class TorchRuntime
{
    private const int MaximumInformation = 16384;

    // Any of these has kernels for the processor at hand. Debian's libtorch on the reference BLAS has 3 GFLOP/s.
    private static readonly string[] s_fastBlas = ["openblas", "mkl", "blis", "atlas"];

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

    /// <summary>The file of the BLAS that this process multiplies with, or <c>built in</c>.</summary>
    public static string BlasLibrary
    {
        get
        {
            _ = LiveTensors;
            string[] loaded =
            [
                .. File.ReadLines("/proc/self/maps")
                    .Select(line => line[(line.LastIndexOf(' ') + 1)..])
                    .Where(path => Path.GetFileName(path).StartsWith("libblas", StringComparison.Ordinal) || IsFast(path))
                    .Distinct(),
            ];
            return loaded.FirstOrDefault(IsFast) ?? loaded.FirstOrDefault() ?? "built in";
        }
    }

    /// <summary>Starts <see cref="PeakNativeBytes"/> anew.</summary>
    public static void ResetPeak() => Native.Check(lt_reset_peak_bytes());

    /// <summary>The rate of a float32 matrix product of n x n matrices.</summary>
    /// <param name="n">The size.</param>
    /// <returns>GFLOP/s, the best of three.</returns>
    public static double MeasureGigaflops(int n = 384)
    {
        using var scope = torch.NewDisposeScope();
        var matrix = torch.ones([n, n]);
        matrix.matmul(matrix).Dispose();
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            matrix.matmul(matrix).Dispose();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return 2.0 * n * n * n / best / 1e9;
    }

    /// <summary>A warning for the person at the keyboard when matrix products run on the slow reference BLAS.</summary>
    /// <returns>One line with the remedy, or null.</returns>
    public static string? SlowBlasWarning() => SlowBlasWarning(BlasLibrary);

    /// <summary>The same, for a BLAS by its file.</summary>
    internal static string? SlowBlasWarning(string library) =>
        !Path.GetFileName(library).StartsWith("libblas", StringComparison.Ordinal) || IsFast(library)
            ? null
            : $"matrix products run on the slow reference BLAS {library}: install libopenblas0-openmp, or run ./run.sh";

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

    private static bool IsFast(string path) =>
        s_fastBlas.Any(name => Path.GetFileName(path).Contains(name, StringComparison.OrdinalIgnoreCase));

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
