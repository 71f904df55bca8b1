using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Copies the elements of a tensor into .NET values.</summary>
/// <typeparam name="T">The .NET type of an element.</typeparam>
public readonly struct TensorAccessor<T>
    where T : unmanaged
{
    private readonly torch.Tensor _tensor;

    internal TensorAccessor(torch.Tensor tensor) => _tensor = tensor;

    /// <summary>All elements, in row order.</summary>
    /// <returns>One array, wherever the tensor lives and whatever its strides.</returns>
    public T[] ToArray()
    {
        using var scope = torch.NewDisposeScope();
        return MemoryMarshal.Cast<byte, T>(_tensor.cpu().contiguous().bytes).ToArray();
    }
}
