using System.Globalization;

namespace Logitscope.Bench;

/// <summary>The memory of this process as Linux counts it.</summary>
internal static class ResidentMemory
{
    /// <summary>The most that was resident at once, in bytes.</summary>
    public static long Peak => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    /// <summary>The peak is what is resident now.</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");
}
