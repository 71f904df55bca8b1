using System.Text.Json;

namespace Logitscope.Sweeps;

/// <summary>Means by method and layer, with 95 % intervals. The content of <c>summary.json</c>.</summary>
/// <param name="Methods">Each method's curves, in the order of the sweep.</param>
/// <param name="Differences">Each pair of methods, later against earlier; none where positions are not paired.</param>
/// <param name="Provenance">What made the rows.</param>
public sealed record SweepSummary(
    IReadOnlyDictionary<string, SweepCurve> Methods,
    IReadOnlyList<SweepDifference> Differences,
    Provenance Provenance)
{
    /// <summary>The file.</summary>
    public const string File = "summary.json";

    /// <summary>Summarises rows.</summary>
    /// <param name="rows">All cells of a sweep.</param>
    /// <param name="provenance">What made them.</param>
    /// <returns>The summary.</returns>
    public static SweepSummary Of(IEnumerable<SweepRow> rows, Provenance provenance)
    {
        SweepRow[][] methods = [.. rows.GroupBy(row => row.Method).Select(group => group.ToArray())];
        var differences =
            from b in Enumerable.Range(0, methods.Length)
            from a in Enumerable.Range(0, b)
            let difference = SweepDifference.Of(methods[b], methods[a])
            where difference is not null
            select difference;
        return new SweepSummary(
            methods.ToDictionary(method => method[0].Method, SweepCurve.Of), [.. differences], provenance);
    }

    /// <summary>The summary as JSON.</summary>
    /// <returns>Indented text.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, SweepJson.Indented);

    /// <summary>Writes <c>summary.json</c>, whole or not at all.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <exception cref="SweepException">The file cannot be written.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            AtomicFile.Write(path, ToJson() + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SweepException($"{path}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Reads the summary of a finished sweep.</summary>
    /// <param name="folder">Its folder.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="SweepException">There is none, or it is broken.</exception>
    public static SweepSummary Read(string folder)
    {
        var path = Path.Combine(folder, File);
        try
        {
            return JsonSerializer.Deserialize<SweepSummary>(System.IO.File.ReadAllText(path), SweepJson.Indented)
                ?? throw new SweepException($"{path}: expected a summary, got null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new SweepException($"{path}: not the summary of a finished sweep: {error.Message}", error);
        }
    }
}
