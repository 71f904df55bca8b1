namespace Logitscope;

/// <summary>What a patched target says next.</summary>
/// <param name="Source">The source prompt.</param>
/// <param name="SourcePosition">The 0-based position that was read.</param>
/// <param name="Target">The target prompt.</param>
/// <param name="TargetPosition">The 0-based position that was replaced.</param>
/// <param name="Next">The distribution after the target prompt's last token.</param>
/// <param name="Change">How that differs from the unpatched run.</param>
/// <param name="GeneratedIds">The greedy continuation.</param>
/// <param name="GeneratedText">The same in words.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record PatchResult(
    Prompt Source,
    int SourcePosition,
    Prompt Target,
    int TargetPosition,
    NextTokenDistribution Next,
    PatchChange Change,
    IReadOnlyList<int> GeneratedIds,
    string GeneratedText) : IDisplay
{
    private const int Shown = 5;

    /// <summary>Token tables, candidates and the change, as HTML tables.</summary>
    /// <returns>A fragment.</returns>
    public string ToHtml() => string.Concat(Tables().Select(table => table.ToHtml()));

    /// <summary>Token tables, candidates and the change, as text.</summary>
    /// <returns>Aligned columns.</returns>
    public string ToText() => string.Join('\n', Tables().Select(table => table.ToText()));

    private IEnumerable<Table> Tables()
    {
        yield return Tokens(Source, SourcePosition, "read") with { Title = "source" };
        yield return Tokens(Target, TargetPosition, "patched") with { Title = "target" };
        yield return Next.Top(Shown).ToTable() with { Title = "next token" };
        yield return Change.ToTable();
        if (GeneratedIds.Count > 0)
        {
            yield return new Table(["generated"], [[GeneratedText]]);
        }
    }

    private static Table Tokens(Prompt prompt, int marked, string mark) => new(
        ["position", .. prompt.Tokens.Select(token => token.Position == marked ? $"{token.Position} {mark}" : $"{token.Position}")],
        [
            ["token", .. prompt.Tokens.Select(token => token.Text)],
            ["id", .. prompt.Tokens.Select(token => $"{token.Id}")],
        ]);
}

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
