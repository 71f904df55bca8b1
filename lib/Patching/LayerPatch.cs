using Logitscope.Models;

namespace Logitscope.Patching;

/// <summary>Residuals that go into one layer of a <see cref="Wavefront"/>, each a run of its own.</summary>
/// <param name="Hook">Where they go.</param>
/// <param name="Residuals"><c>[n, hidden]</c>, of the target model's width.</param>
public sealed record LayerPatch(Hook Hook, Tensor Residuals)
{
    /// <summary>The block after which they stand in the residual stream; -1 for the embedding.</summary>
    internal int After => Hook.Site == Site.ResidPost ? Hook.Layer : Hook.Layer - 1;
}
