namespace Logitscope.World;

/// <summary>What <see cref="BpeTrainer"/> makes.</summary>
internal sealed record BpeTrainingOptions
{
    /// <summary>
    /// How many merges, 0 or more; the vocabulary has 256 bytes, these and the end of text. Default 8,000. Fewer are
    /// made where too few pairs reach <see cref="MinimumCount"/>.
    /// </summary>
    public int Merges { get; init; } = 8_000;

    /// <summary>A pair seen less often is not merged; 1 or more. Default 2.</summary>
    public int MinimumCount { get; init; } = 2;
}
