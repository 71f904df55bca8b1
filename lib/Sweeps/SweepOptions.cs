using Logitscope.Datasets;
using Logitscope.Techniques.NextToken;
using Logitscope.Tokenizers;

namespace Logitscope.Sweeps;

/// <summary>What a layer sweep runs.</summary>
public sealed record SweepOptions
{
    /// <summary>The methods, in their order. Default: the reference's three.</summary>
    public IReadOnlyList<NextTokenTechnique> Techniques { get; init; } = NextTokenTechnique.Reference;

    /// <summary>
    /// Where a prompt's residual is read. Default: one random draw a prompt, shared by all methods and layers.
    /// </summary>
    public PositionRule Positions { get; init; } = PositionRule.Random;

    /// <summary>The seed of the positions. Default: 42, the reference's.</summary>
    public long Seed { get; init; } = SourcePositions.DefaultSeed;

    /// <summary>
    /// Whether prompts given as text get a BOS, the techniques' target prompts too where they do not say. Default:
    /// always, as in the reference.
    /// </summary>
    public Bos Bos { get; init; } = Bos.Always;

    /// <summary>How many prompts run together. Default: 64. Part of the plan: it decides the last bits of a result.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The part of the sweep to run. Default: all of it. <see cref="SweepMerge"/> puts parts together.</summary>
    public Shard Shard { get; init; } = Shard.Whole;
}
