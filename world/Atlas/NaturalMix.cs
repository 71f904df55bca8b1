namespace Logitscope.World;

/// <summary>The natural text of a corpus.</summary>
/// <param name="Share">Its share of all characters, in [0, 1).</param>
/// <param name="Sources">The collections that it is drawn from.</param>
/// <param name="HeldOut">Collections kept for evaluation, <c>held-out/NAME.jsonl</c>, with their sha256: no passage
/// shares eight words in a row with one of their texts.</param>
internal sealed record NaturalMix(
    double Share, IReadOnlyList<NaturalSource> Sources, IReadOnlyDictionary<string, string> HeldOut);
