using TorchSharp;

namespace Logitscope.Cli.Commands;

/// <summary>What the headers of a checkpoint say of its weights; none of them is read.</summary>
internal sealed class WeightFacts
{
    private const double Mebibyte = 1 << 20;

    /// <summary>The facts of a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="architecture">Its <c>model_type</c>; null where nothing says it.</param>
    public WeightFacts(Checkpoint checkpoint, string? architecture = null)
    {
        WeightEntry[] weights =
        [
            .. checkpoint.Entries.Where(pair => !Families.IsBuffer(architecture, pair.Key)).Select(pair => pair.Value),
        ];
        Format = checkpoint.Format;
        Files = checkpoint.Files;
        Bytes = Files.Sum(MappedFile.LengthOf);
        Tensors = weights.Length;
        Parameters = weights.Sum(weight => weight.Elements);
        Dtypes = weights.GroupBy(weight => weight.Type).OrderByDescending(group => group.Sum(weight => weight.Bytes))
            .ToDictionary(group => group.Key.ToString().ToLowerInvariant(), group => group.Sum(weight => weight.Elements));
        Memory = ModelOptions.ElementTypes.ToDictionary(type => type.Key, type => Parameters * type.Value.ElementSize());
    }

    /// <summary>The format of the files.</summary>
    public string Format { get; }

    /// <summary>The files that hold the weights.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Their size together.</summary>
    public long Bytes { get; }

    /// <summary>How many weights there are, without the constants that old files carry.</summary>
    public int Tensors { get; }

    /// <summary>How many numbers they have.</summary>
    public long Parameters { get; }

    /// <summary>How many numbers of each element type.</summary>
    public IReadOnlyDictionary<string, long> Dtypes { get; }

    /// <summary>How many bytes the weights take in memory, by the element type there.</summary>
    public IReadOnlyDictionary<string, long> Memory { get; }

    /// <summary>The same for people.</summary>
    public IEnumerable<string[]> Rows() =>
    [
        ["format", Format],
        ["files", string.Join(", ", Files.Select(file => Path.GetFileName(file)))],
        ["size on disk", Size(Bytes)],
        ["stored tensors", $"{Tensors:N0}"],
        ["stored numbers", string.Join(", ", Dtypes.Select(pair => $"{pair.Value:N0} {pair.Key}"))],
        ["memory of the weights", string.Join(", ", Memory.Select(pair => $"{Size(pair.Value)} as {pair.Key}"))],
    ];

    private static string Size(long bytes) => $"{bytes / Mebibyte:N1} MiB";
}
