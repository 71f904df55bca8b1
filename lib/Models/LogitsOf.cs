namespace Logitscope.Models;

/// <summary>Which positions of a forward pass are unembedded. For a large vocabulary this is most of the cost.</summary>
public enum LogitsOf
{
    /// <summary>Every position.</summary>
    AllPositions,

    /// <summary>The last position of the batch only.</summary>
    LastPosition,

    /// <summary>None: the logits are an empty tensor <c>[batch, 0, vocab]</c>.</summary>
    NoPosition,
}
