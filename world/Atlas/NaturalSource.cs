namespace Logitscope.World;

/// <summary>A collection of natural text: the file <c>NAME.jsonl</c> of a corpora folder, with a string <c>text</c> in
/// each row.</summary>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="Share">Its share of the natural characters, relative to the other sources.</param>
/// <param name="Origin">Where anyone can get it.</param>
/// <param name="Licence">Under what terms.</param>
/// <param name="Sha256">Of the file, in small hexadecimal digits.</param>
internal sealed record NaturalSource(string Name, double Share, string Origin, string Licence, string Sha256);
