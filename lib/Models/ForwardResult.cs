namespace Logitscope.Models;

/// <summary>What a forward pass returns. The caller, or the caller's scope, disposes it.</summary>
/// <param name="Logits"><c>[batch, position, vocab]</c>, positions as asked by <see cref="LogitsOf"/>.</param>
/// <param name="Residuals">
/// The kept residuals, each <c>[batch, position, hidden]</c>. To ask for another one is a <see cref="ModelException"/>.
/// </param>
public sealed record ForwardResult(Tensor Logits, IReadOnlyDictionary<Hook, Tensor> Residuals) : IDisposable
{
    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        foreach (var residual in Residuals.Values)
        {
            residual.Dispose();
        }
    }
}

/// <summary>Residuals by their place; says what to do about one that was not kept.</summary>
internal sealed class KeptResiduals : Dictionary<Hook, Tensor>, IReadOnlyDictionary<Hook, Tensor>, IDisposable
{
    Tensor IReadOnlyDictionary<Hook, Tensor>.this[Hook hook] => TryGetValue(hook, out var residual)
        ? residual
        : throw new ModelException(
            $"{hook}: expected one that ForwardOptions.Keep names, got {(Count == 0 ? "none" : string.Join(", ", Keys))}");

    public void Dispose()
    {
        foreach (var residual in Values)
        {
            residual.Dispose();
        }
    }
}

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
