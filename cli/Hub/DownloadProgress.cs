namespace Logitscope.Cli.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">What is fetched now.</param>
/// <param name="Done">Of <paramref name="Total"/>, those of earlier runs included.</param>
/// <param name="Total">Bytes of a repository, or documents of a data set.</param>
/// <param name="Rate">A second, in this run.</param>
/// <param name="Left">Time left at that rate; null as long as there is none.</param>
/// <param name="Note">Why it waits, where it does.</param>
internal sealed record DownloadProgress(string File, long Done, long Total, double Rate, TimeSpan? Left, string? Note);
