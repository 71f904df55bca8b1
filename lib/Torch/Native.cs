using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace TorchSharp;

/// <summary>Finds and starts the shim, and turns its statuses into exceptions.</summary>
internal static partial class Native
{
    public const string Library = "logitscope_torch";
    private const string FileName = $"lib{Library}.so";
    private const int MaximumMessage = 1024;

    private static readonly Lazy<nint> s_shim = new(Load);

#pragma warning disable CA2255 // The resolver must stand before the first call, and every file of lib/Torch makes some.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(
            typeof(Native).Assembly, (name, _, _) => name == Library ? s_shim.Value : nint.Zero);

    /// <summary>Throws the exception that a status stands for.</summary>
    public static void Check(int status)
    {
        if (status == (int)TorchStatus.Ok)
        {
            return;
        }

        var message = ReadText(lt_last_error, MaximumMessage);
        throw (TorchStatus)status switch
        {
            TorchStatus.Shape => new TorchShapeException(message),
            TorchStatus.Index => new TorchIndexException(message),
            TorchStatus.OutOfMemory => new TorchOutOfMemoryException(message),
            _ => new TorchException(message),
        };
    }

    /// <summary>A text that a native function copies into a buffer.</summary>
    public static string ReadText(Func<byte[], int, int> read, int capacity)
    {
        var buffer = new byte[capacity];
        if (read(buffer, capacity) != (int)TorchStatus.Ok)
        {
            return "libtorch failed and could not say why";
        }

        return Encoding.UTF8.GetString(buffer, 0, Array.IndexOf(buffer, (byte)0));
    }

    private static nint Load()
    {
        PrepareEnvironment();
        var folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location) ?? AppContext.BaseDirectory;
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new TorchNotFoundException($"{FileName} is not in {folder}: run ./run.sh once, which builds it");
        }

        var shim = Open(path);
        Call<Start>(shim, "lt_start", start => start());
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            Call<SetThreads>(shim, "lt_set_num_threads", set => set(Processor.PhysicalCores));
        }

        return shim;
    }

    /// <summary>Loads a library, or says in one line why it does not load.</summary>
    internal static nint Open(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException error)
        {
            var reason = error.Message.TrimEnd().Split('\n')[^1]; // the loader's own words follow .NET's advice
            throw new TorchNotFoundException(
                $"{path} does not load ({reason}): run ./run.sh, which builds it for the libtorch that is here");
        }
    }

    // The library is still being loaded: a declared import would come back here.
    private static void Call<T>(nint shim, string export, Func<T, int> call)
        where T : Delegate
    {
        if (call(Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(shim, export))) != 0)
        {
            throw new TorchNotFoundException($"libtorch loads but does not start: {export} failed");
        }
    }

    // All three read their environment when they load. OpenBLAS takes a processor younger than itself for the oldest it
    // knows. OpenMP's threads spin at the end of every operation for the slowest of them, so that on a machine with
    // other work they wait on a thread that waits for their processor. UCX, which some libtorchs bring along, takes the
    // signals from which .NET makes exceptions for its own, and a division by zero would end the process.
    private static void PrepareEnvironment()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _ = setenv("OMP_WAIT_POLICY", "passive", overwrite: 0);
        _ = setenv("UCX_HANDLE_ERRORS", "none", overwrite: 0);
        if (Avx2.IsSupported)
        {
            _ = setenv("OPENBLAS_CORETYPE", Avx512F.IsSupported && Avx512DQ.IsSupported ? "SKYLAKEX" : "HASWELL", overwrite: 0);
        }
    }

    private delegate int Start();

    private delegate int SetThreads(int threads);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport(Library)]
    private static partial int lt_last_error([Out] byte[] buffer, int capacity);
}
