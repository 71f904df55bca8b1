using System.Reflection;
using Logitscope.Charts;

namespace Logitscope.Sweeps;

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
