namespace Logitscope.Models;

/// <summary>How far and how a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>At most so many tokens. The default is 20, the paper's length.</summary>
    public int MaxNewTokens { get; init; } = 20;

    /// <summary>0, the default, takes the most probable token; 1 samples the model's distribution.</summary>
    public double Temperature { get; init; }

    /// <summary>Samples among the k most probable tokens only; all by default.</summary>
    public int? TopK { get; init; }

    /// <summary>Starts the sampling; the same seed gives the same text.</summary>
    public long Seed { get; init; }

    /// <summary>The token after which nothing more is generated; none by default.</summary>
    public int? StopId { get; init; }
}
