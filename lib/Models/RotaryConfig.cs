namespace Logitscope.Models;

/// <summary>
/// The settings of rotary position embedding. transformers 5 writes them into <c>rope_parameters</c>; those before it had
/// a field for each, under names of the family's own, and <c>rope_scaling</c>.
/// </summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Share">The share of each head's dimensions that is rotated.</param>
internal sealed record RotaryConfig(double Theta, double Share)
{
    /// <summary>
    /// Reads <c>rope_parameters</c>, or <c>rope_scaling</c>, which replaces it whole, and refuses the forms of scaling,
    /// none of which is implemented, and settings by layer type.
    /// </summary>
    /// <param name="config">The model's fields.</param>
    /// <param name="earlier">What the family's own fields say; holds where the section is silent.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="Checkpoints.CheckpointException">A field is wrong, or asks for a scaling.</exception>
    public static RotaryConfig Read(ConfigReader config, RotaryConfig earlier)
    {
        var (scaling, parameters) = (config.Section("rope_scaling"), config.Section("rope_parameters"));
        if ((scaling ?? parameters) is not { } now)
        {
            return earlier;
        }

        now.Require("type", now.Text("type", otherwise: "default"), "default"); // the older name of rope_type
        now.Require("rope_type", now.Text("rope_type", otherwise: "default"), "default");
        var read = new RotaryConfig(
            now.Positive("rope_theta", earlier.Theta), now.Number("partial_rotary_factor", earlier.Share));
        now.RequireNothingElse();
        return read;
    }

    /// <summary>Refuses rotary settings where a family has no such fields, unless they say what it does anyway.</summary>
    /// <param name="config">The model's fields.</param>
    /// <exception cref="Checkpoints.CheckpointException">They say something else.</exception>
    public static void RequireDefault(ConfigReader config)
    {
        const double theta = 10000; // GPT-J has no other
        var got = Read(config, new(theta, Share: 1));
        config.Require("rope_parameters.rope_theta", got.Theta, theta);
        config.Require("rope_parameters.partial_rotary_factor", got.Share, 1);
        config.RequireSame("rope_theta", theta);
    }
}
