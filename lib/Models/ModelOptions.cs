namespace Logitscope.Models;

/// <summary>How a model is brought into memory.</summary>
public sealed record ModelOptions
{
    /// <summary>
    /// The element type of weights and activations: float32 (HuggingFace's numbers), float64 (tells noise from bugs)
    /// or bfloat16 (fast).
    /// </summary>
    public ScalarType Dtype { get; init; } = float32;

    /// <summary>Where the model lives.</summary>
    public Device Device { get; init; } = CPU;
}
