namespace TorchSharp;

/// <summary>Raw handles of several tensors, kept alive for one native call.</summary>
internal sealed class TensorHandleList : IDisposable
{
    private readonly TensorHandle[] _held;

    public TensorHandleList(IEnumerable<torch.Tensor> tensors)
    {
        _held = [.. tensors.Select(tensor => tensor.Handle)];
        Raw = new nint[_held.Length];
        for (var i = 0; i < _held.Length; i++)
        {
            var added = false;
            _held[i].DangerousAddRef(ref added);
            Raw[i] = _held[i].DangerousGetHandle();
        }
    }

    /// <summary>The native pointers, in order.</summary>
    public nint[] Raw { get; }

    public void Dispose()
    {
        foreach (var handle in _held)
        {
            handle.DangerousRelease();
        }
    }
}
