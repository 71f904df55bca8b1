using System.Net.Http.Headers;

namespace Logitscope.Tests.Cli.Hub;

/// <summary>A request as it came.</summary>
internal sealed record HostileRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The first and the last byte asked for; null where all are.</summary>
    public (long First, long Last)? Range => Headers.TryGetValue("Range", out var value)
        && RangeHeaderValue.Parse(value).Ranges.Single() is { From: { } first, To: { } last }
            ? (first, last)
            : null;
}
