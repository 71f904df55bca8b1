using System.Diagnostics.CodeAnalysis;

namespace Logitscope;

/// <summary>
/// The token-identity Patchscope: <c>l* = l</c>, at the last token of a prompt that repeats tokens. Ghandeharioun et
/// al., arXiv 2401.06102, section 4.1; the prompt is that of patrickhyw/logitscope.
/// </summary>
public sealed record TokenIdentity : PromptTechnique
{
    /// <summary>The technique with the reference's prompt.</summary>
    [SetsRequiredMembers]
    public TokenIdentity()
        : this("token-identity", "cat -> cat\n1135 -> 1135\nhello -> hello\n?")
    {
    }

    [SetsRequiredMembers]
    private TokenIdentity(string name, string prompt)
        : base(name) => Target = new(prompt);

    /// <summary>The prompt of the reference's first commits, and of jeanne-s/Patchscopes up to its <c>-&gt;</c>.</summary>
    public static TokenIdentity Semicolons { get; } = new("token-identity-semicolons", "cat->cat; 135->135; hello->hello; ?");

    /// <summary>The prompt of obvslib/obvs, which patches its last token, <c>is</c>.</summary>
    public static TokenIdentity Words { get; } =
        new("token-identity-words", "bat is bat; 135 is 135; hello is hello; black is black; shoe is shoe; x is");

    /// <summary>The reference's idea for another relation, untested there: <c>?</c> is patched, and what follows <c>-&gt;</c> is read.</summary>
    public static TokenIdentity Arrow { get; } =
        new("token-identity-arrow", "hello->there;?->") { Target = new("hello->there;?->") { Placeholder = "?" } };
}
