using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Logitscope;

/// <summary>What TorchSharp leaves to us: which libtorch, tensors over memory that something else owns, typed errors.</summary>
public static unsafe class TorchRuntime
{
    // What TorchSharp makes its own tensors over arrays with; its public surface has no way to name the memory.
    private static readonly Lazy<nint> s_fromBlob =
        new(() => NativeLibrary.GetExport(NativeLibraries.Loaded.Bridge, "THSTensor_new"));

    // libtorch tells the deleter the address alone; of one address there can be several tensors.
    private static readonly Dictionary<nint, (object Owner, int Tensors)> s_owners = [];
    private static readonly Lock s_threads = new();

    /// <summary>The version of the libtorch in use; where it is not the package's, as its folder says.</summary>
    public static string Version => NativeLibraries.Loaded.Version;

    /// <summary>The folder of the libtorch in use.</summary>
    public static string Folder => NativeLibraries.Loaded.Folder;

    /// <summary>Loads libtorch, where it is not loaded yet; so does whatever touches a tensor first.</summary>
    /// <exception cref="TorchNotFoundException">There is none, or it does not load: why, and the remedy.</exception>
    public static void Load() => NativeLibraries.Load();

    /// <summary>A device by its name, whether it is there or not.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <returns>The device.</returns>
    /// <exception cref="TorchException">It is none of them.</exception>
    public static Device DeviceOf(string name)
    {
        Load();
        return name.Split(':') switch
        {
            ["cpu"] => new Device(DeviceType.CPU),
            ["cuda"] => new Device(DeviceType.CUDA),
            ["cuda", var digits] when byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) =>
                new Device(DeviceType.CUDA, index),
            _ => throw new TorchException($"device: expected cpu, cuda or cuda:N, got '{name}'"),
        };
    }

    /// <summary>Type and shape, for messages: <c>Float32[2, 3]</c>; the device too, where it is another than the CPU.</summary>
    internal static string Describe(Tensor? tensor) => tensor switch
    {
        null => "none",
        { IsInvalid: true } => "one that was disposed",
        _ => $"{tensor.dtype}[{string.Join(", ", tensor.shape)}]" + (tensor.device_type == DeviceType.CPU ? "" : $" on {tensor.device}"),
    };

    /// <summary>What libtorch refused, where an exception says so.</summary>
    /// <param name="error">Any exception.</param>
    /// <returns>The typed error; null for an exception that does not come from libtorch.</returns>
    public static TorchException? ErrorOf(Exception error)
    {
        var message = error.Message.Split('\n')[0];
        return error switch
        {
            TorchException typed => typed,
            TypeInitializationException or NotSupportedException when NativeLibraries.Error is { } missing => missing,
            InvalidOperationException when error.Message.Contains("empty handle", StringComparison.Ordinal) =>
                new TorchException("a tensor: expected one that is alive, got one that was disposed"),

            // Sockets and processes throw types derived from it.
            _ when error.GetType() != typeof(ExternalException) => null,
            _ when message.Contains("memory", StringComparison.Ordinal) || message.Contains("NVML_SUCCESS", StringComparison.Ordinal) =>
                new TorchOutOfMemoryException(message),
            _ => new TorchException(message),
        };
    }

    /// <summary>The rate of a float32 matrix product of n x n matrices.</summary>
    /// <param name="n">The size.</param>
    /// <returns>GFLOP/s, the best of three.</returns>
    public static double MeasureGigaflops(int n = 384)
    {
        using var scope = NewDisposeScope();
        var matrix = ones([n, n]);
        matrix.mm(matrix).Dispose();
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            matrix.mm(matrix).Dispose();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }

        return 2.0 * n * n * n / best / 1e9;
    }

    /// <summary>Starts threads on which libtorch divides an operation among so many threads of its own.</summary>
    internal static Thread[] StartThreads(int count, int threads, Action work)
    {
        // libtorch keeps the number twice: each thread's own, and the latest that any thread set, with which a thread begins
        // that asks for the first time. So each asks, then sets its own; and the latest is put back before others begin.
        lock (s_threads)
        {
            var own = get_num_threads();
            var started = new Thread[count];
            for (var i = 0; i < count; i++)
            {
                var isSet = new TaskCompletionSource();
                started[i] = new Thread(() =>
                {
                    _ = get_num_threads();
                    set_num_threads(threads);
                    isSet.SetResult();
                    work();
                });
                started[i].IsBackground = true;
                started[i].Start();
                isSet.Task.Wait();
            }

            set_num_threads(own);
            return started;
        }
    }

    /// <summary>A tensor over memory that something else owns.</summary>
    internal static Tensor FromMemory(nint memory, long[] size, ScalarType type, object owner)
    {
        var fromBlob = (delegate* unmanaged[Cdecl]<
            nint, delegate* unmanaged[Cdecl]<nint, void>, long*, int, sbyte, sbyte, int, int, byte, nint>)s_fromBlob.Value;
        Keep(memory, owner);
        fixed (long* sizes = size)
        {
            var made = fromBlob(memory, &Release, sizes, size.Length, (sbyte)type, (sbyte)type, (int)DeviceType.CPU, -1, 0);
            if (made != nint.Zero)
            {
                return Tensor.UnsafeCreateTensor(made);
            }
        }

        Forget(memory);
        throw new TorchException($"libtorch makes no {type} [{string.Join(", ", size)}] over mapped memory");
    }

    private static void Keep(nint memory, object owner)
    {
        lock (s_owners)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(s_owners, memory, out _);
            entry = (owner, entry.Tensors + 1);
        }
    }

    private static void Forget(nint memory)
    {
        lock (s_owners)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(s_owners, memory);
            if (--entry.Tensors == 0)
            {
                s_owners.Remove(memory);
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint memory) => Forget(memory);
}

/// <summary>libtorch refused an operation. The message is the first line of libtorch's own.</summary>
/// <param name="message">What libtorch said.</param>
public class TorchException(string message) : LogitscopeException(message);

/// <summary>The device has no memory left for the result.</summary>
/// <param name="message">What libtorch said.</param>
public sealed class TorchOutOfMemoryException(string message) : TorchException(message);

/// <summary>libtorch, or TorchSharp's library over it, could not be loaded.</summary>
/// <param name="message">What was looked for, and the remedy.</param>
public sealed class TorchNotFoundException(string message) : TorchException(message);
