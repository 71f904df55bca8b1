using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Logitscope;

/// <summary>
/// Loads libtorch and TorchSharp's library over it by absolute path, before TorchSharp searches: its own search depends on
/// the host (a console project, dotnet-repl, a test runner), and where it fails TorchSharp is dead for the process.
/// Order: the folder that <c>LIBTORCH</c> names; on a machine with a GPU that the package knows nothing of, the libtorch of
/// python3's PyTorch, if it is of the version that TorchSharp was built for; the package's.
/// </summary>
/// <param name="Folder">Of libtorch.</param>
/// <param name="Bridge">The handle of TorchSharp's library.</param>
/// <param name="IsPackage">Whether libtorch is the one that TorchSharp was built for.</param>
internal sealed partial record NativeLibraries(string Folder, nint Bridge, bool IsPackage)
{
    private const string PackageVersion = "2.10."; // a test holds it to TorchSharp's own word

    private static readonly Lock s_lock = new();
    private static NativeLibraries? s_loaded;
    private static bool s_loading;

    /// <summary>What is loaded, loading it where it is not.</summary>
    public static NativeLibraries Loaded => Load();

    /// <summary>Why loading failed, where it was tried and did.</summary>
    public static TorchNotFoundException? Error { get; private set; }

    /// <summary>The version, as far as the folder says it.</summary>
    public string Version => IsPackage ? torch.__version__ : VersionIn(Folder);

    private static string Rid =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Loads both, once a process.</summary>
    public static NativeLibraries Load(Assembly? torchSharp = null)
    {
        lock (s_lock)
        {
            if (s_loaded is not null || s_loading) // the search for TorchSharp's folder loads TorchSharp, which comes back here
            {
                return s_loaded!;
            }

            s_loading = true;
            try
            {
                PrepareEnvironment();
                torchSharp ??= FindTorchSharp();
                s_loaded = Open(torchSharp);
                SetThreads(s_loaded.Bridge);
                SkipTorchSharpsSearch(s_loaded, torchSharp);
                return s_loaded;
            }
            catch (TorchNotFoundException error)
            {
                Error = error;
                throw;
            }
            finally
            {
                s_loading = false;
            }
        }
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
            throw new TorchNotFoundException($"{path} does not load ({reason}): restore the packages anew, or set LIBTORCH");
        }
    }

#pragma warning disable CA2255 // Some host's first look at TorchSharp is to find it loaded, whoever that host is.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void LoadWithTorchSharp()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, loaded) => LoadFor(loaded.LoadedAssembly);
        Array.ForEach(AppDomain.CurrentDomain.GetAssemblies(), LoadFor);
    }

    private static void LoadFor(Assembly assembly)
    {
        if (assembly.GetName().Name != nameof(TorchSharp))
        {
            return;
        }

        try
        {
            // The event comes while a notebook engine is still loading it: whoever then asks for it gets a second one.
            Load(assembly);
        }
        catch (TorchNotFoundException)
        {
            // An event cannot throw. TorchRuntime.ErrorOf finds it again, once TorchSharp's own search has failed too.
        }
    }

    // On its own, since compiling a method loads what it names.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Assembly FindTorchSharp() => typeof(torch).Assembly;

    private static NativeLibraries Open(Assembly torchSharp)
    {
        var places = PackageFolders(torchSharp);
        var bridge = places.Select(folder => FileIn(folder, "LibTorchSharp")).FirstOrDefault(File.Exists)
            ?? throw new TorchNotFoundException(
                $"{FileIn("", "LibTorchSharp")} is not in {string.Join(" or ", places)}: build with ./run.sh, or reference TorchSharp");
        var package = places.FirstOrDefault(folder => File.Exists(FileIn(folder, "torch_cpu")));
        var folder = LibtorchVariable() ?? PyTorchForGpu(package) ?? package
            ?? throw new TorchNotFoundException(
                $"{FileIn("", "torch_cpu")} is not in {string.Join(" or ", places)}: reference libtorch-cpu-{Rid} "
                + "or set LIBTORCH to the folder of an unpacked libtorch");
        Open(FileIn(folder, "torch_cpu"));
        Open(FileIn(folder, "torch"));
        var handle = OldLibstdcxx.Lacks(bridge) ? OldLibstdcxx.OpenAmended(bridge) : Open(bridge);
        return new(folder, handle, folder == package);
    }

    private static string FileIn(string folder, string library) => Path.Combine(
        folder,
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so");

    // Beside TorchSharp.dll (published flat), under it (built), where the host looks, and in the package cache (#r nuget).
    private static string[] PackageFolders(Assembly torchSharp)
    {
        var own = Path.GetDirectoryName(torchSharp.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        var host = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        var package = Path.GetFullPath(Path.Combine(own, "..", ".."));
        var libtorch = Path.Combine(package, "..", "..", $"libtorch-cpu-{Rid}");
        var versions = Directory.Exists(libtorch) ? Directory.GetDirectories(libtorch).OrderDescending(StringComparer.Ordinal) : Enumerable.Empty<string>();
        var natives = Path.Combine("runtimes", Rid, "native");
        return
        [
            own,
            Path.Combine(own, natives),
            .. host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(place => place.TrimEnd(Path.DirectorySeparatorChar)),
            Path.Combine(package, natives),
            .. versions.Select(version => Path.GetFullPath(Path.Combine(version, natives))),
        ];
    }

    private static string? LibtorchVariable() => Environment.GetEnvironmentVariable("LIBTORCH") is not { Length: > 0 } named ? null
        : new[] { Path.Combine(named, "lib"), named }.FirstOrDefault(folder => File.Exists(FileIn(folder, "torch_cpu")))
            ?? throw new TorchNotFoundException(
                $"LIBTORCH={named} has no {FileIn("lib", "torch_cpu")}: name the folder of an unpacked libtorch, or unset it");

    private static string? PyTorchForGpu(string? package)
    {
        const string script =
            "import importlib.util as u; f = u.find_spec('torch'); print(next(iter(f.submodule_search_locations)) if f else '')";
        if (!Path.Exists("/dev/nvidiactl") || (package is not null && File.Exists(FileIn(package, "torch_cuda"))))
        {
            return null;
        }

        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetTempPath(), // a folder named torch in the working directory is not PyTorch
            })!;
            var folder = Path.Combine(python.StandardOutput.ReadToEnd().Trim(), "lib");
            return File.Exists(FileIn(folder, "torch_cuda")) && VersionIn(folder).StartsWith(PackageVersion, StringComparison.Ordinal)
                ? folder
                : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is no python3
        }
    }

    private static string VersionIn(string folder)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? folder;
        var (unpacked, pytorch) = (Path.Combine(parent, "build-version"), Path.Combine(parent, "version.py"));
        return File.Exists(unpacked) ? File.ReadAllText(unpacked).Trim()
            : File.Exists(pytorch) ? File.ReadLines(pytorch).First(line => line.StartsWith("__version__", StringComparison.Ordinal)).Split('\'')[1]
            : $"of {folder}";
    }

    // TorchSharp would go on to look for the package's libtorch, and load it beside the one that is in use.
    private static void SkipTorchSharpsSearch(NativeLibraries loaded, Assembly torchSharp)
    {
        foreach (var name in loaded.IsPackage ? [] : new[] { "nativeBackendLoaded", "nativeBackendCudaLoaded" })
        {
            var field = torchSharp.GetType("TorchSharp.torch")!.GetField(name, BindingFlags.NonPublic | BindingFlags.Static)
                ?? throw new TorchNotFoundException(
                    $"this TorchSharp has no torch.{name}, and would load a second libtorch: unset LIBTORCH");
            field.SetValue(null, true);
        }
    }

    // Read by the libraries when they load, so that .NET's own variables come too late. OpenMP's threads spin at the end of
    // every operation for the slowest of them, and on a machine with other work wait on a thread that waits for their
    // processor. UCX, which some libtorchs bring along, takes the signals from which .NET makes exceptions for its own.
    private static void PrepareEnvironment()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = setenv("OMP_WAIT_POLICY", "passive", overwrite: 0);
            _ = setenv("UCX_HANDLE_ERRORS", "none", overwrite: 0);
        }
    }

    private static unsafe void SetThreads(nint bridge)
    {
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            ((delegate* unmanaged[Cdecl]<int, void>)NativeLibrary.GetExport(bridge, "THSTorch_set_num_threads"))(PhysicalCores());
        }
    }

    // Cores that share no execution units, of those that this process may use.
    internal static int PhysicalCores()
    {
        const string topology = "/sys/devices/system/cpu";
        var siblings = Directory.Exists(topology)
            ? Directory.EnumerateDirectories(topology, "cpu*").Select(folder => Path.Combine(folder, "topology", "thread_siblings_list"))
                .Where(File.Exists).Select(File.ReadAllText).Distinct().Count()
            : 0;
        return siblings == 0 ? Environment.ProcessorCount : Math.Min(siblings, Environment.ProcessorCount);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
