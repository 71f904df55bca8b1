namespace TorchSharp;

/// <summary>What the processor offers to matrix products.</summary>
internal static class Processor
{
    private const string Topology = "/sys/devices/system/cpu";

    /// <summary>Cores that share no execution units, of those that this process may use.</summary>
    public static int PhysicalCores { get; } = Math.Clamp(CountCores(), 1, Environment.ProcessorCount);

    private static int CountCores()
    {
        if (!Directory.Exists(Topology))
        {
            return Environment.ProcessorCount;
        }

        var siblings = Directory.EnumerateDirectories(Topology, "cpu*")
            .Select(folder => Path.Combine(folder, "topology", "thread_siblings_list"))
            .Where(File.Exists)
            .Select(File.ReadAllText)
            .Distinct()
            .Count();
        return siblings == 0 ? Environment.ProcessorCount : siblings;
    }
}
