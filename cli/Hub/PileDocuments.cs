namespace Logitscope.Cli.Hub;

/// <summary>Where the documents beside this record come from.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Split">The split.</param>
/// <param name="Revision">Its commit, where the server said so.</param>
/// <param name="Offset">The first row.</param>
/// <param name="Rows">How many rows were asked for.</param>
/// <param name="Documents">How many of them are in the file.</param>
/// <param name="LeftOut">The rows that the server does not send whole; they are not in the file.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Date">When they were fetched.</param>
internal sealed record PileDocuments(
    string Dataset,
    string Split,
    string? Revision,
    int Offset,
    int Rows,
    int Documents,
    IReadOnlyList<int> LeftOut,
    string Sha256,
    DateTimeOffset Date);
