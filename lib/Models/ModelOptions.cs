using System.Globalization;

namespace Logitscope.Models;

/// <summary>How a model is brought into memory.</summary>
public sealed record ModelOptions
{
    /// <summary>The element types that a model can have, by name.</summary>
    public static IReadOnlyDictionary<string, ScalarType> ElementTypes { get; } = new Dictionary<string, ScalarType>
    {
        ["float32"] = float32,
        ["float64"] = float64,
        ["bfloat16"] = bfloat16,
        ["float16"] = float16,
    };

    /// <summary>
    /// The element type of weights and activations, whatever it is on disk: float32 (HuggingFace's numbers), float64
    /// (tells noise from bugs), bfloat16 (fast) or, on a GPU, float16.
    /// </summary>
    public ScalarType Dtype { get; init; } = float32;

    /// <summary>Where the model lives.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>The device of a name.</summary>
    /// <param name="name"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <returns>The device, which need not be there.</returns>
    /// <exception cref="ModelException">It is no such name.</exception>
    public static Device DeviceOf(string name)
    {
        var number = name.StartsWith("cuda:", StringComparison.Ordinal) ? name["cuda:".Length..] : null;
        return name is "cpu" or "cuda" || byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? device(name)
            : throw new ModelException($"device: expected cpu, cuda or cuda:N, got '{name}'");
    }

    /// <summary>Whether weights may hold NaN and infinity. By default they are refused by name.</summary>
    public bool AllowNonfinite { get; init; }
}
