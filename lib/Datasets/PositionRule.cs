namespace Logitscope.Datasets;

/// <summary>At which position of a prompt the source activation is read. Positions count the BOS.</summary>
public enum PositionRule
{
    /// <summary>The last position of each prompt.</summary>
    Last,

    /// <summary>
    /// Random positions of each prompt, shared by all methods and layers, so that they can be compared pairwise. They
    /// depend on the seed and the prompt's ids alone: not on the other prompts, nor on their order. A BOS that was put in
    /// front is drawn only where the prompt has nothing else: there every prompt has one residual, and it is no
    /// observation of how prompts are read.
    /// </summary>
    Random,

    /// <summary>As <see cref="Random"/>, but a BOS may be drawn too.</summary>
    Anywhere,

    /// <summary>
    /// The reference's draws, bit for bit: CPython's generator seeded once, then <c>randint(0, count - 1)</c> for every
    /// method, layer and prompt, in that order of loops. Methods and layers see different positions.
    /// </summary>
    Reference,
}
