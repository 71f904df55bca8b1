using System.Text.Json;

namespace Logitscope.Sweeps;

/// <summary>
/// Means by method and layer, with 95 % intervals, which docs/statistics.md explains. The content of <c>summary.json</c>.
/// </summary>
/// <param name="Methods">Each method's curves, in the order of the sweep.</param>
/// <param name="Differences">Each pair of methods, later against earlier; none where positions are not paired.</param>
/// <param name="Comparisons">How many comparisons the differences are, and are corrected for: pairs, layers, metrics.</param>
/// <param name="IdenticalLayers">
/// Layers at which every method reads the model's own distribution: by construction the last one, where what is patched
/// is what the unembedding reads. They are no comparisons.
/// </param>
/// <param name="FirstPositionShare">
/// Share of rows read at position 0. Where a BOS stands there, all prompts have one residual there.
/// </param>
/// <param name="Warnings">Where the prompts are few for an interval, one sentence a metric.</param>
/// <param name="Provenance">What made the rows.</param>
public sealed record SweepSummary(
    IReadOnlyDictionary<string, SweepCurve> Methods,
    IReadOnlyList<SweepDifference> Differences,
    int Comparisons,
    IReadOnlyList<int> IdenticalLayers,
    double FirstPositionShare,
    IReadOnlyList<string> Warnings,
    Provenance Provenance)
{
    private const double Identical = 1e-3; // nats, so that bfloat16's rounding is no difference

    /// <summary>The file.</summary>
    public const string File = "summary.json";

    /// <summary>Summarises rows.</summary>
    /// <param name="rows">All cells of a sweep.</param>
    /// <param name="provenance">What made them.</param>
    /// <returns>The summary.</returns>
    public static SweepSummary Of(IEnumerable<SweepRow> rows, Provenance provenance)
    {
        var weak = new List<(SweepMetric Metric, string Name, int Layer)>();
        SweepRow[][][] methods = // [method][layer][prompt and position]
        [
            .. rows.GroupBy(row => row.Method).Select(method => method.GroupBy(row => row.Layer).OrderBy(layer => layer.Key)
                .Select(layer => layer.OrderBy(row => row.Prompt).ThenBy(row => row.Position).ToArray()).ToArray()),
        ];
        var layers = methods.Max(method => method.Length);
        var isLastIdentical = methods.All(method => method[^1].Average(row => row.Kl) < Identical);
        var curves = methods.ToDictionary(
            method => method[0][0].Method,
            method => SweepCurve.Of(method, (metric, layer) => weak.Add((metric, method[0][0].Method, layer))));
        var (differences, comparisons) = SweepDifference.Family(
            methods,
            isLastIdentical ? layers - 1 : layers,
            (difference, metric, layer) => weak.Add((metric, $"{difference.Method} less {difference.Against}", layer)));
        return new SweepSummary(
            curves,
            differences,
            comparisons,
            isLastIdentical ? [layers - 1] : [],
            methods.SelectMany(method => method).Average(layer => layer.Average(row => row.Position == 0 ? 1.0 : 0)),
            [.. weak.GroupBy(place => place.Metric).Select(places => Warn(places.Key, curves.Values.First().Prompts, places))],
            provenance);
    }

    private static string Warn(SweepMetric metric, int prompts, IEnumerable<(SweepMetric, string Name, int Layer)> places) =>
        $"{metric.Chart.Name}: {prompts} prompts are few for a mean of numbers this skewed; its interval may cover less than it says: "
        + string.Join("; ", places.GroupBy(place => place.Name, place => place.Layer)
            .Select(name => $"{name.Key} at layers {string.Join(", ", name)}"));

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
