using System.Text.Encodings.Web;
using System.Text.Json;

namespace Logitscope.World;

/// <summary>Held-out prompts for sweeps, and the jsonl file that holds them or a corpus.</summary>
internal static class AtlasPrompts
{
    // About 20 to 90 tokens of a vocabulary of 4,000, and far below the limits of the reference's filter.
    private const int ShortestText = 70;
    private const int LongestText = 330;

    /// <summary>Text is kept as it is, instead of \u0027 for an apostrophe; names are in snake case.</summary>
    public static JsonSerializerOptions Rows { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The atlas of this checkout, <c>data/atlas</c>.</summary>
    /// <exception cref="AtlasException">The library is not inside a checkout.</exception>
    public static string EmbeddedFolder =>
        CheckoutFolder.Find(Path.Combine("data", "atlas"))
        ?? throw new AtlasException("Expected data/atlas in a folder above the library, found none.");

    /// <summary>Different documents of 70 to 330 characters that training never sees, of all kinds.</summary>
    public static IReadOnlyList<AtlasDocument> Draw(Atlas atlas, ulong seed, int count) =>
        [.. atlas.Generate(seed, new AtlasOptions { Split = DocumentSplit.HeldOut })
            .Where(document => document.Text.Length is >= ShortestText and <= LongestText)
            .DistinctBy(document => document.Text)
            .Take(count)];

    /// <summary>Writes one row <c>{"id": "story-000012", "text": ...}</c> a document.</summary>
    public static void Write(TextWriter output, IEnumerable<AtlasDocument> documents)
    {
        foreach (var (i, document) in documents.Index())
        {
            var id = $"{document.Kind.ToString().ToLowerInvariant()}-{i:D6}";
            output.Write(JsonSerializer.Serialize(new { id, text = document.Text }, Rows));
            output.Write('\n');
        }
    }
}
