namespace Logitscope.Checkpoints.PyTorch;

/// <summary>A Python dictionary as it was written: pairs in order, a key perhaps twice.</summary>
internal sealed class PickledDictionary
{
    /// <summary>The pairs.</summary>
    public List<KeyValuePair<object?, object?>> Pairs { get; } = [];
}
