namespace Logitscope.Datasets.Atlas;

/// <summary>A file of natural text, <c>NAME.jsonl</c> with a string <c>text</c> in each row, and its share of the
/// characters, relative to the other sources.</summary>
public sealed record NaturalSource(string Name, double Share);
