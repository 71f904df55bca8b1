namespace Logitscope.Models;

/// <summary>What a forward pass returns. The caller, or the caller's scope, disposes it.</summary>
/// <param name="Logits"><c>[batch, position, vocab]</c>, positions as asked by <see cref="LogitsOf"/>.</param>
/// <param name="Residuals">The kept residuals, each <c>[batch, position, hidden]</c>.</param>
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
