namespace Logitscope.Models;

/// <summary>
/// The settings of rotary position embedding. transformers 5 writes them into <c>rope_parameters</c>; those before it had
/// a field for each, under names of the family's own.
/// </summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Share">The share of each head's dimensions that is rotated.</param>
internal sealed record RotaryConfig(double Theta, double Share)
{
    /// <summary>Reads <c>rope_parameters</c>, and refuses the forms of scaling, none of which is implemented.</summary>
    /// <param name="config">The model's fields.</param>
    /// <param name="earlier">What the family's own fields say; holds where <c>rope_parameters</c> is silent.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="Checkpoints.CheckpointException">A field is wrong, or asks for a scaling.</exception>
    public static RotaryConfig Read(ConfigReader config, RotaryConfig earlier)
    {
        config.RequireNull("rope_scaling");
        if (config.Section("rope_parameters") is not { } now)
        {
            return earlier;
        }

        now.RequireNull("type"); // the older name of rope_type
        now.Require("rope_type", now.Text("rope_type", otherwise: "default"), "default");
        return new RotaryConfig(
            now.Number("rope_theta", earlier.Theta), now.Number("partial_rotary_factor", earlier.Share));
    }
}
