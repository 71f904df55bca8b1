using Logitscope.Charts;
using Logitscope.Tokenizers;

namespace Logitscope.Patching;

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
