using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Logitscope.Tests.Torch;

/// <summary>
/// A device beside the CPU on a machine without a GPU (device/second_device.cpp): it computes what the CPU computes, and
/// refuses tensors of two devices in one operation.
/// </summary>
internal static class SecondDevice
{
    private const string Library = "libsecond_device.so";
    private static readonly Lazy<torch.Device?> s_device = new(Start);

    /// <summary>The device; where libtorch has no cmake files the test is skipped, saying so.</summary>
    public static torch.Device Get()
    {
        Assert.SkipWhen(s_device.Value is null, "this libtorch came without its cmake files, from which a device for tests is built");
        return s_device.Value!;
    }

    private static torch.Device? Start()
    {
        var build = Repository.File("artifacts", $"second-device-{torch.__version__}"); // which loads libtorch
        if (ConfigurationOfLibtorch() is not { } configuration)
        {
            return null;
        }

        Run("cmake", "-S", Repository.File("tests", "Torch", "device"), "-B", build, $"-DTorch_DIR={configuration}");
        Run("cmake", "--build", build);
        var start = NativeLibrary.GetExport(NativeLibrary.Load(Path.Combine(build, Library)), "second_device_start");
        return new((DeviceType)Marshal.GetDelegateForFunctionPointer<Starts>(start)(), 0);
    }

    // The folder of TorchConfig.cmake, found from the library that this process has loaded.
    private static string? ConfigurationOfLibtorch()
    {
        var library = File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .First(path => Path.GetFileName(path).StartsWith("libtorch_cpu.so", StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(library)!;
        string[] places = [Path.Combine(folder, "cmake", "Torch"), Path.Combine(folder, "..", "share", "cmake", "Torch")];
        return places.FirstOrDefault(Directory.Exists);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {output}");
    }

    private delegate int Starts();
}
