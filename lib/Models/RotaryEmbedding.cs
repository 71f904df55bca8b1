namespace Logitscope;

/// <summary>
/// Rotates the first dimensions of each head by an angle that grows with the position, so that scores depend on
/// distance. Su et al., arXiv 2104.09864.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly int _dimensions;
    private readonly Tensor _sin; // [position, dimensions / 2]
    private readonly Tensor _cos; // [position, dimensions / 2]

    /// <summary>Computes the table in the order of HuggingFace's operations, which decides its last bits.</summary>
    /// <param name="dimensions">How many dimensions of a head are rotated; even.</param>
    /// <param name="positions">The context length.</param>
    /// <param name="options">float64 models get a float64 table, all others a float32 one.</param>
    /// <param name="theta">The base of the frequencies.</param>
    /// <param name="scaling">What slows them; null: nothing.</param>
    public RotaryEmbedding(int dimensions, int positions, ModelOptions options, double theta = 10000, RopeScaling? scaling = null)
    {
        using var scope = NewDisposeScope();
        _dimensions = dimensions;
        var type = options.Dtype == float64 ? float64 : float32;
        var exponents = arange(0, dimensions, 2, type) / dimensions;
        var frequencies = full([1], 1.0, type) / full([1], theta, type).pow(exponents);
        frequencies = scaling?.Slowed(frequencies) ?? frequencies;
        var angles = arange(0, positions, 1, type).unsqueeze(1) * frequencies.unsqueeze(0);
        _sin = angles.sin().to(options.Device).DetachFromDisposeScope();
        _cos = angles.cos().to(options.Device).DetachFromDisposeScope();
    }

    /// <summary>GPT-J's form: dimensions 2i and 2i+1 are one pair.</summary>
    /// <param name="heads"><c>[batch, head, position, head_dim]</c>, in the table's type.</param>
    /// <param name="past">The position of the first token.</param>
    /// <returns>The same shape.</returns>
    public Tensor RotatePairs(Tensor heads, int past)
    {
        var (sin, cos) = Angles(past, heads.size(2));
        var even = heads.slice(3, 0, _dimensions, 2);
        var odd = heads.slice(3, 1, _dimensions, 2);
        var rotated = stack([(even * cos) - (odd * sin), (odd * cos) + (even * sin)], dim: -1)
            .reshape(heads.size(0), heads.size(1), heads.size(2), _dimensions);
        return WithRest(rotated, heads);
    }

    /// <summary>The form of GPT-NeoX and LLaMA, HuggingFace's rotate_half: i and i + dimensions / 2 are one pair.</summary>
    /// <param name="heads"><c>[batch, head, position, head_dim]</c>, in the table's type.</param>
    /// <param name="past">The position of the first token.</param>
    /// <returns>The same shape.</returns>
    public Tensor RotateHalves(Tensor heads, int past)
    {
        var (sin, cos) = Angles(past, heads.size(2));
        var first = heads.narrow(3, 0, _dimensions / 2);
        var second = heads.narrow(3, _dimensions / 2, _dimensions / 2);
        return WithRest(cat([(first * cos) - (second * sin), (second * cos) + (first * sin)], dim: 3), heads);
    }

    /// <summary>Frees the table.</summary>
    public void Dispose()
    {
        _sin.Dispose();
        _cos.Dispose();
    }

    private (Tensor Sin, Tensor Cos) Angles(int past, long tokens) =>
        (_sin.narrow(0, past, tokens), _cos.narrow(0, past, tokens));

    private Tensor WithRest(Tensor rotated, Tensor heads)
    {
        var rest = heads.size(3) - _dimensions;
        return rest == 0 ? rotated : cat([rotated, heads.narrow(3, _dimensions, rest)], dim: 3);
    }
}

/// <summary>
/// The settings of rotary position embedding. transformers 5 writes them into <c>rope_parameters</c>; those before it had
/// a field for each, under names of the family's own, and <c>rope_scaling</c>.
/// </summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Share">The share of each head's dimensions that is rotated.</param>
/// <param name="Scaling">What slows the frequencies; null: nothing.</param>
internal sealed record RotaryConfig(double Theta, double Share, RopeScaling? Scaling = null)
{
    /// <summary>
    /// Reads <c>rope_parameters</c>, or <c>rope_scaling</c>, which replaces it whole, and refuses the forms of scaling
    /// that are not implemented, and settings by layer type.
    /// </summary>
    /// <param name="config">The model's fields.</param>
    /// <param name="earlier">What the family's own fields say; holds where the section is silent.</param>
    /// <param name="scalings">The forms of scaling that the family has.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="CheckpointException">A field is wrong, or asks for another scaling.</exception>
    internal static RotaryConfig Read(ConfigReader config, RotaryConfig earlier, params IReadOnlyList<string> scalings)
    {
        var (scaling, parameters) = (config.Section("rope_scaling"), config.Section("rope_parameters"));
        return ReadSection(scaling ?? parameters, earlier, scalings);
    }

    /// <summary>The same of a section that is at hand, or of none.</summary>
    internal static RotaryConfig ReadSection(ConfigReader? now, RotaryConfig earlier, IReadOnlyList<string> scalings)
    {
        if (now is null)
        {
            return earlier;
        }

        const string none = "default";
        var type = none;
        foreach (var name in (string[])["type", "rope_type"]) // the older name; the newer goes before it
        {
            type = now.Text(name, otherwise: type);
            now.RequireOneOf(name, type, [none, .. scalings]);
        }

        var read = new RotaryConfig(
            now.Positive("rope_theta", earlier.Theta),
            now.Number("partial_rotary_factor", earlier.Share),
            type == none ? null : RopeScaling.Read(now, type));
        now.RequireNothingElse();
        return read;
    }

    /// <summary>Refuses rotary settings where a family has no such fields, unless they say what it does anyway.</summary>
    /// <param name="config">The model's fields.</param>
    /// <exception cref="CheckpointException">They say something else.</exception>
    internal static void RequireDefault(ConfigReader config)
    {
        const double theta = 10000; // GPT-J has no other
        var got = Read(config, new(theta, Share: 1));
        config.Require("rope_parameters.rope_theta", got.Theta, theta);
        config.Require("rope_parameters.partial_rotary_factor", got.Share, 1);
        config.RequireSame("rope_theta", theta);
    }
}

/// <summary>
/// What slows the rotary frequencies, so that a model reaches farther than it was trained to: HuggingFace's <c>rope_scaling</c>.
/// </summary>
/// <param name="RopeType">
/// <c>linear</c> divides every frequency by the factor (Chen et al., arXiv 2306.15595); <c>llama3</c> only the slow ones, and
/// those between by less; <c>dynamic</c> none up to the context's length, where a model here ends.
/// </param>
/// <param name="Factor">How much slower.</param>
/// <param name="LowFreqFactor"><c>llama3</c>: slow is what turns less often than this in the original context.</param>
/// <param name="HighFreqFactor"><c>llama3</c>: fast is what turns more often than this in the original context.</param>
/// <param name="OriginalMaxPositionEmbeddings"><c>llama3</c>: the context in training, in tokens.</param>
public sealed record RopeScaling(
    string RopeType, double Factor, double? LowFreqFactor = null, double? HighFreqFactor = null, int? OriginalMaxPositionEmbeddings = null)
{
    /// <summary>The forms that are implemented.</summary>
    internal static IReadOnlyList<string> Implemented { get; } = ["linear", "dynamic", "llama3"];

    /// <summary>Reads the fields of one of them.</summary>
    /// <param name="section">The rotary settings.</param>
    /// <param name="type">The form.</param>
    /// <exception cref="CheckpointException">A field is missing or wrong.</exception>
    internal static RopeScaling Read(ConfigReader section, string type)
    {
        var factor = section.Positive("factor");
        if (type != "llama3")
        {
            return new(type, factor);
        }

        var (low, high) = (section.Positive("low_freq_factor"), section.Positive("high_freq_factor"));
        return low < high
            ? new(type, factor, low, high, section.Count("original_max_position_embeddings"))
            : throw section.Wrong("high_freq_factor", $"more than low_freq_factor {low}", $"{high}");
    }

    /// <summary>The frequencies slowed, in the order of HuggingFace's operations.</summary>
    /// <param name="frequencies">In radians a position, <c>[dimensions / 2]</c>.</param>
    /// <returns>The same shape.</returns>
    internal Tensor Slowed(Tensor frequencies)
    {
        if (RopeType != "llama3")
        {
            return RopeType == "linear" ? frequencies / Factor : frequencies;
        }

        var (low, high, original) = (LowFreqFactor!.Value, HighFreqFactor!.Value, OriginalMaxPositionEmbeddings!.Value);
        var wavelength = 2 * Math.PI / frequencies;
        var isSlow = wavelength.gt(original / low);
        var slowed = where(isSlow, frequencies / Factor, frequencies);
        var share = ((original / wavelength) - low) / (high - low);
        var between = ((1 - share) * slowed / Factor) + (share * slowed);
        return where(wavelength.lt(original / high).logical_or(isSlow), slowed, between);
    }
}
