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

    /// <summary>The device; where nothing built the shim here, or no compiler is, the test is skipped, saying so.</summary>
    public static torch.Device Get()
    {
        Assert.SkipWhen(s_device.Value is null, "there is no build of the shim in artifacts/shim to take libtorch's place from");
        return s_device.Value!;
    }

    private static torch.Device? Start()
    {
        if (Torch() is not { } libtorch)
        {
            return null;
        }

        _ = torch.get_num_threads(); // loads libtorch
        var build = Repository.File("artifacts", "second-device");
        Run("cmake", "-S", Repository.File("tests", "Torch", "device"), "-B", build, $"-DTorch_DIR={libtorch}");
        Run("cmake", "--build", build);
        var start = NativeLibrary.GetExport(NativeLibrary.Load(Path.Combine(build, Library)), "second_device_start");
        return new((DeviceType)Marshal.GetDelegateForFunctionPointer<Starts>(start)(), 0);
    }

    // Of the libtorch that the shim was built for last.
    private static string? Torch()
    {
        var builds = new DirectoryInfo(Repository.File("artifacts", "shim"));
        return !builds.Exists
            ? null
            : builds.EnumerateFiles("CMakeCache.txt", SearchOption.AllDirectories)
                .OrderByDescending(file => file.LastWriteTimeUtc)
                .Select(file => File.ReadLines(file.FullName).FirstOrDefault(line => line.StartsWith("Torch_DIR:", StringComparison.Ordinal)))
                .FirstOrDefault()?.Split('=', 2)[1];
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
