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
    /// Where a prompt's residuals are read. Default: at random, the same positions for all methods and layers.
    /// </summary>
    public PositionRule Positions { get; init; } = PositionRule.Random;

    /// <summary>
    /// How many positions of a prompt are read, with <see cref="PositionRule.Random"/> and
    /// <see cref="PositionRule.Anywhere"/>. Default: 1. More cost no further source pass, and most of the variance is
    /// within prompts; intervals take the positions of one prompt as belonging together.
    /// </summary>
    public int PerPrompt { get; init; } = 1;

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
