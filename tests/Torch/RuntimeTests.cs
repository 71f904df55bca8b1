using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Logitscope.Cli;
using Logitscope.Tests.Cli;
using TorchSharp;
using static TorchSharp.torch;

namespace Logitscope.Tests.Torch;

/// <summary>Which libtorch is loaded, and how, in this process and in others.</summary>
[Collection(nameof(Alone))]
[SupportedOSPlatform("linux")]
public sealed class RuntimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_package_is_what_is_loaded_where_nothing_else_is_named()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("LIBTORCH") is not null, "LIBTORCH is set");
        Assert.StartsWith("2.10.", TorchRuntime.Version); // NativeLibraries.PackageVersion
        Assert.StartsWith(AppContext.BaseDirectory, TorchRuntime.Folder + Path.DirectorySeparatorChar);
        Assert.True(TorchRuntime.MeasureGigaflops() > 0);
    }

    [Fact]
    public Task Threads_default_to_the_physical_cores() =>
        OwnProcess.Passes(typeof(FreshProcess), nameof(FreshProcess.Threads_are_the_physical_cores), ("OMP_NUM_THREADS", null));

    [Fact]
    public Task Threads_are_as_many_as_a_user_says() =>
        OwnProcess.Passes(typeof(FreshProcess), nameof(FreshProcess.Threads_are_one), ("OMP_NUM_THREADS", "1"));

    [Fact]
    public void A_library_that_does_not_load_is_refused_with_the_loaders_reason()
    {
        var path = _folder.Write("libbroken.so", new string('x', 4096));
        var error = Assert.Throws<TorchNotFoundException>(() => NativeLibraries.Open(path));
        Assert.Contains("invalid ELF header", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void LIBTORCH_names_another_folder_and_no_second_libtorch_is_loaded_beside_it()
    {
        var lib = Directory.CreateDirectory(_folder.PathOf("libtorch", "lib")).FullName;
        foreach (var file in Directory.EnumerateFiles(TorchRuntime.Folder, "*.so*"))
        {
            File.CreateSymbolicLink(Path.Combine(lib, Path.GetFileName(file)), file);
        }

        File.Delete(Path.Combine(lib, "libLibTorchSharp.so"));
        _folder.Write("libtorch/build-version", "2.10.0+own\n");
        var result = Logitscope("inspect", _folder.PathOf("libtorch"), ("LD_DEBUG", "files"));
        Assert.True(result.Code == 0, result.Error);
        var opened = result.Error.Split('\n').Where(line => line.Contains("/libtorch_cpu.so", StringComparison.Ordinal)
            && line.Contains("generating link map", StringComparison.Ordinal));
        Assert.Contains(lib, Assert.Single(opened), StringComparison.Ordinal);
    }

    [Fact]
    public void A_LIBTORCH_that_is_none_is_one_line()
    {
        var result = Logitscope("inspect", "/nowhere");
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Equal(
            "logitscope: LIBTORCH=/nowhere has no lib/libtorch_cpu.so: name the folder of an unpacked libtorch, or unset it\n",
            result.Error);
    }

    [Fact]
    public void A_file_of_the_package_is_asked_for_one_symbol_less_and_for_nothing_else()
    {
        var bridge = Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First();
        var (before, image) = (File.ReadAllBytes(bridge), File.ReadAllBytes(bridge));
        Assert.True(OldLibstdcxx.Amend(image));
        var changed = Enumerable.Range(0, image.Length).Count(i => image[i] != before[i]);
        Assert.InRange(changed, 10, 40); // a flag, a name, an index
        Assert.Equal(before.AsSpan().Count("_ZSt21ios_base_library_initv"u8) - 1, image.AsSpan().Count("_ZSt21ios_base_library_initv"u8));
        Assert.Equal(before, File.ReadAllBytes(bridge));
        Assert.False(OldLibstdcxx.Amend(image)); // the pattern is gone
    }

    [Fact]
    public void What_is_no_such_file_is_left_as_it_is()
    {
        byte[] image = [.. "no library"u8];
        Assert.False(OldLibstdcxx.Amend(image));
        Assert.Equal([.. "no library"u8], image);
    }

    [Fact]
    public void A_copy_is_made_only_where_the_system_lacks_the_symbol()
    {
        var system = NativeLibrary.Load("libstdc++.so.6");
        var here = NativeLibrary.TryGetExport(system, "_ZSt21ios_base_library_initv", out _);
        var copied = File.ReadLines("/proc/self/maps").Any(line => line.Contains("memfd:LibTorchSharp", StringComparison.Ordinal));
        Assert.Equal(!here, copied);
    }

    [Fact]
    public void Memory_that_something_else_owns_is_given_back_after_the_last_tensor_on_it()
    {
        var (owner, tensor) = Make();
        var view = tensor.narrow(0, 1, 2);
        tensor.Dispose();
        Collect();
        Assert.True(Lives(owner));
        Assert.Equal([2f, 3f], view.data<float>().ToArray());
        view.Dispose();
        Collect();
        Assert.False(Lives(owner));

        static (WeakReference<float[]> Owner, Tensor Tensor) Make()
        {
            var numbers = GC.AllocateArray<float>(3, pinned: true);
            (numbers[0], numbers[1], numbers[2]) = (1, 2, 3);
            var memory = Marshal.UnsafeAddrOfPinnedArrayElement(numbers, 0);
            TorchRuntime.FromMemory(memory, [3], float32, numbers).Dispose(); // of one address there can be several
            return (new(numbers), TorchRuntime.FromMemory(memory, [3], float32, numbers));
        }

        // In a method of its own, whose variables keep nothing alive here.
        static bool Lives(WeakReference<float[]> owner) => owner.TryGetTarget(out _);

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }

    [Theory]
    [InlineData(null, "PASSIVE")]
    [InlineData("active", "ACTIVE")]
    public void OpenMP_hears_how_to_wait_before_it_starts_and_only_from_a_user_who_says_so(string? said, string heard)
    {
        var result = Logitscope("inspect", "", ("OMP_DISPLAY_ENV", "true"), ("OMP_WAIT_POLICY", said));
        Assert.Contains($"OMP_WAIT_POLICY = '{heard}'", result.Error, StringComparison.Ordinal);
    }

    private static Outcome Logitscope(string verb, string libtorch, params (string Name, string? Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, verb])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LIBTORCH"] = libtorch;
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value; // null takes it away
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}

/// <summary>Run by <see cref="RuntimeTests"/> alone: in a process that others use, they change the number.</summary>
[SupportedOSPlatform("linux")]
public sealed class FreshProcess
{
    [Fact(Explicit = true)]
    public void Threads_are_the_physical_cores()
    {
        Assert.Equal(NativeLibraries.PhysicalCores(), torch.get_num_threads());
        var cores = File.ReadAllText("/proc/cpuinfo").Split("\n\n")
            .Select(processor => string.Join(' ', processor.Split('\n').Where(line => line.StartsWith("physical id") || line.StartsWith("core id"))))
            .Where(core => core.Length > 0).Distinct().Count();
        Assert.True(cores == 0 || Math.Min(cores, Environment.ProcessorCount) == torch.get_num_threads()); // 0: an ARM does not say
    }

    [Fact(Explicit = true)]
    public void Threads_are_one() => Assert.Equal(1, torch.get_num_threads());
}
