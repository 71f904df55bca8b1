namespace Logitscope.Models;

/// <summary>What a forward pass keeps, changes and continues.</summary>
public sealed record ForwardOptions
{
    /// <summary>Nothing kept, nothing changed, logits of every position.</summary>
    public static ForwardOptions Default { get; } = new();

    /// <summary>Residuals to return.</summary>
    public IReadOnlyCollection<Hook> Keep { get; init; } = [];

    /// <summary>Residuals to replace, in this order where several meet. A kept residual shows its edits.</summary>
    public IReadOnlyList<Edit> Edits { get; init; } = [];

    /// <summary>Keys and values of the tokens before; this pass appends its own.</summary>
    public KeyValueCache? Cache { get; init; }

    /// <summary>Which positions get logits.</summary>
    public LogitsOf Logits { get; init; } = LogitsOf.AllPositions;
}
