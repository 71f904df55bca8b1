using System.Text.Json;

namespace Logitscope.Cli.Hub;

/// <summary>A page of rows, as it is kept while the others are fetched: one line of JSON.</summary>
/// <param name="Offset">The first row.</param>
/// <param name="Revision">The commit of the data set, where the server said so.</param>
/// <param name="Texts">One a row; null where the server cut it.</param>
internal sealed record PilePage(int Offset, string? Revision, IReadOnlyList<string?> Texts)
{
    /// <summary>Reads an answer of the data sets' server.</summary>
    /// <param name="what">What was asked for.</param>
    /// <param name="json">The answer.</param>
    /// <param name="offset">The first row asked for.</param>
    /// <param name="length">How many were.</param>
    /// <param name="revision">The commit that the answer names.</param>
    /// <exception cref="HubException">It is no such answer, or has other rows.</exception>
    public static PilePage Parse(string what, byte[] json, int offset, int length, string? revision)
    {
        var rows = HubJson.Parse(what, json, root => root.GetProperty("rows").EnumerateArray().Select(Read).ToArray());
        return rows.Select(row => row.Number).SequenceEqual(Enumerable.Range(offset, length))
            ? new PilePage(offset, revision, [.. rows.Select(row => row.Text)])
            : throw new HubException($"{what}: expected {length} rows from {offset}, got {rows.Length} or others");
    }

    private static (int Number, string? Text) Read(JsonElement row)
    {
        var number = row.GetProperty("row_idx").GetInt32();
        return row.GetProperty("truncated_cells").GetArrayLength() > 0
            ? (number, null)
            : (number, row.GetProperty("row").GetProperty("text").GetString() ?? throw new FormatException("no text"));
    }
}
