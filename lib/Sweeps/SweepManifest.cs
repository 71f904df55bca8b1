using System.Text.Json;

namespace Logitscope.Sweeps;

/// <summary>What a sweep's folder holds: the content of <c>plan.json</c>.</summary>
/// <param name="Hash">Of everything that determines the rows of the whole sweep.</param>
/// <param name="Shard">Which part of it, as <c>3/8</c>.</param>
/// <param name="Rows">How many rows each batch of this part has.</param>
/// <param name="Provenance">What makes the rows.</param>
internal sealed record SweepManifest(string Hash, string Shard, IReadOnlyList<int> Rows, Provenance Provenance)
{
    public const string File = "plan.json";

    /// <summary>The manifest of a plan.</summary>
    public static SweepManifest Of(SweepPlan plan) => new(
        plan.Hash(),
        plan.Options.Shard.ToString(),
        [.. Enumerable.Range(0, plan.Blocks).Select(plan.RowsOf)],
        Provenance.Of(plan));

    /// <summary>Reads a folder's.</summary>
    /// <exception cref="SweepException">There is none, or it is broken.</exception>
    public static SweepManifest Read(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            return JsonSerializer.Deserialize<SweepManifest>(System.IO.File.ReadAllText(path), SweepJson.Indented)
                ?? throw new SweepException($"{path}: expected a sweep's plan, got null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SweepException($"{path}: not a sweep's plan: {error.Message}", error);
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, File), JsonSerializer.Serialize(this, SweepJson.Indented) + "\n");
}
