namespace Logitscope.Datasets;

/// <summary>At which position of a prompt the source activation is read. BOS counts and may be chosen.</summary>
public enum PositionRule
{
    /// <summary>The last position of each prompt.</summary>
    Last,

    /// <summary>
    /// One position a prompt, shared by all methods and layers, so that they can be compared pairwise. It depends on
    /// the seed and the prompt's ids alone: not on the other prompts, nor on their order.
    /// </summary>
    Random,

    /// <summary>
    /// The reference's draws, bit for bit: CPython's generator seeded once, then <c>randint(0, count - 1)</c> for every
    /// method, layer and prompt, in that order of loops. Methods and layers see different positions.
    /// </summary>
    Reference,
}
