using System.Reflection;
using System.Text.Json;

namespace Logitscope;

/// <summary>What made a result: with this and the data, anyone can make it again.</summary>
/// <param name="Library">Version of Logitscope.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Architecture">HuggingFace's <c>model_type</c>.</param>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Dtype">Element type of weights and activations, as <c>float32</c> or <c>float32 (tf32)</c>.</param>
/// <param name="Device">Kind of device.</param>
/// <param name="Positions">Rule of the source positions.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Bos">Whether texts got a BOS.</param>
/// <param name="BatchSize">Prompts a batch.</param>
/// <param name="Targets">Target prompt of each method that has one: ids.</param>
/// <param name="Plan">Hash of everything that determines the rows.</param>
public sealed record Provenance(
    string Library,
    string Libtorch,
    string Architecture,
    string Model,
    string Dtype,
    string Device,
    string Positions,
    long Seed,
    string Bos,
    int BatchSize,
    IReadOnlyDictionary<string, IReadOnlyList<int>> Targets,
    string Plan)
{
    /// <summary>How many positions of a prompt were read.</summary>
    public int PerPrompt { get; init; } = 1;

    /// <summary>The version of this library.</summary>
    public static string LibraryVersion { get; } =
        typeof(Provenance).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The provenance of a plan's rows.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The record.</returns>
    public static Provenance Of(SweepPlan plan) => new(
        LibraryVersion,
        TorchRuntime.Version,
        plan.Model.Architecture,
        plan.Fingerprint,
        plan.Model.Arithmetic,
        plan.Model.Device.ToString(),
        plan.Options.Positions.ToString().ToLowerInvariant(),
        plan.Options.Seed,
        plan.Options.Bos.ToString().ToLowerInvariant(),
        plan.Options.BatchSize,
        plan.TargetIds,
        plan.Hash())
    {
        PerPrompt = plan.Options.PerPrompt,
    };

    /// <summary>The record as names and values.</summary>
    /// <returns>One row each.</returns>
    public Table ToTable() => Table.Of(Entries, ("provenance", entry => entry.Name), (string.Empty, entry => entry.Value));

    /// <summary>The record as names and values, for a page.</summary>
    internal IReadOnlyList<(string Name, string Value)> Entries =>
    [
        ("Logitscope", Library),
        ("libtorch", Libtorch),
        ("model", $"{Architecture} {Model}"),
        ("type and device", $"{Dtype} on {Device}"),
        ("positions", $"{Positions}, {PerPrompt} a prompt, seed {Seed}"),
        ("BOS", Bos),
        ("batch", $"{BatchSize} prompts"),
        .. Targets.Select(target => ($"target of {target.Key}", string.Join(' ', target.Value))),
        ("plan", Plan),
    ];
}

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
