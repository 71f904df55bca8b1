using Logitscope.Charts;

namespace Logitscope.Patching;

/// <summary>What a patch did to the target's own next-token distribution. A patch that did nothing is never silent.</summary>
/// <param name="Before">The most probable token of the unpatched run.</param>
/// <param name="After">The most probable token of the patched run.</param>
/// <param name="MaxLogit">The largest change of a logit, in nats.</param>
/// <param name="TotalVariation">Between the two distributions, from 0 to 1.</param>
/// <param name="Kl"><c>KL(p_patched || p_unpatched)</c>, in nats.</param>
public sealed record PatchChange(
    TokenProbability Before, TokenProbability After, double MaxLogit, double TotalVariation, double Kl)
{
    /// <summary>Whether not a single bit of the logits changed.</summary>
    public bool IsNone => MaxLogit == 0;

    /// <summary>One row; where nothing changed, it says so.</summary>
    internal Table ToTable() => new(
        ["unpatched", "patched", "largest logit change", "total variation", "KL (nats)"],
        [[Before.Token, After.Token, MaxLogit, TotalVariation, Kl]])
    {
        Title = IsNone ? "change: none, the patch did nothing" : "change",
    };
}
