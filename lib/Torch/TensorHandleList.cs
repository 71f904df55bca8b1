namespace TorchSharp;

/// <summary>Raw handles of several tensors, kept alive for one native call.</summary>
internal sealed class TensorHandleList : IDisposable
{
    private readonly TensorHandle[] held;

    public TensorHandleList(IReadOnlyList<torch.Tensor> tensors)
    {
        held = [.. tensors.Select(tensor => tensor.Handle)];
        Raw = new nint[held.Length];
        for (var i = 0; i < held.Length; i++)
        {
            var added = false;
            held[i].DangerousAddRef(ref added);
            Raw[i] = held[i].DangerousGetHandle();
        }
    }

    /// <summary>The native pointers, in order.</summary>
    public nint[] Raw { get; }

    public void Dispose()
    {
        foreach (var handle in held)
        {
            handle.DangerousRelease();
        }
    }
}
