namespace Logitscope;

/// <summary>How a model is brought into memory.</summary>
public sealed record ModelOptions
{
    /// <summary>The element types that a model can have, by name.</summary>
    public static IReadOnlyDictionary<string, ScalarType> ElementTypes { get; } = new Dictionary<string, ScalarType>
    {
        ["float32"] = ScalarType.Float32,
        ["float64"] = ScalarType.Float64,
        ["bfloat16"] = ScalarType.BFloat16,
        ["float16"] = ScalarType.Float16,
    };

    /// <summary>
    /// The element type of weights and activations, whatever it is on disk: float32 (HuggingFace's numbers), float64
    /// (tells noise from bugs), bfloat16 (fast) or float16.
    /// </summary>
    public ScalarType Dtype { get; init; } = ScalarType.Float32;

    /// <summary>Where the model lives.</summary>
    public Device Device { get; init; } = TorchRuntime.DeviceOf("cpu"); // torch.CPU would be the first look at a libtorch that is not loaded

    /// <summary>
    /// The tokenizer: any of Microsoft.ML.Tokenizers, with as many ids at most as the model has rows. Where it is left
    /// out, the folder's own. <see cref="ModelTokenizer.Wrap"/> names the BOS of one that does not say.
    /// </summary>
    public Microsoft.ML.Tokenizers.Tokenizer? Tokenizer { get; init; }

    /// <summary>Whether weights may hold NaN and infinity. By default they are refused by name.</summary>
    public bool AllowNonfinite { get; init; }

    /// <summary>
    /// Whether stored tensors that nothing reads are left alone. By default they are refused by name, since HuggingFace may
    /// compute with them.
    /// </summary>
    public bool AllowUnread { get; init; }
}

/// <summary>The small trained model that comes with Logitscope.</summary>
public static class EmbeddedModel
{
    private const string Variable = "LOGITSCOPE_MODEL";

    /// <summary>
    /// Its folder: what the environment variable <c>LOGITSCOPE_MODEL</c> names, else <c>data/tiny-gptj</c> in the
    /// checkout around this library.
    /// </summary>
    /// <exception cref="ModelException">Neither is there.</exception>
    public static string Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            {
                return named;
            }

            return CheckoutFolder.Find(Path.Combine("data", "tiny-gptj"))
                ?? throw new ModelException(
                    $"the embedded model: expected data/tiny-gptj above {AppContext.BaseDirectory}; "
                    + $"name a model's folder, or set {Variable}");
        }
    }
}

/// <summary>A model is asked for something that it does not have or cannot do.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
public sealed class ModelException(string message, Exception? inner = null) : LogitscopeException(message, inner);
