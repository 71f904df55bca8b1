namespace TorchSharp;

/// <summary>
/// Disposes the tensors made while it is the innermost scope, except those moved out. Scopes follow the logical call,
/// so they survive an <c>await</c>.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private static readonly AsyncLocal<DisposeScope?> Ambient = new();

    private readonly HashSet<torch.Tensor> tensors = new(ReferenceEqualityComparer.Instance);
    private readonly DisposeScope? outer;

    internal DisposeScope()
    {
        outer = Ambient.Value;
        Ambient.Value = this;
    }

    internal static DisposeScope? Current => Ambient.Value;

    /// <summary>How many tensors this scope would dispose now.</summary>
    public int DisposablesCount
    {
        get
        {
            lock (tensors)
            {
                return tensors.Count;
            }
        }
    }

    /// <summary>Disposes what the scope still holds and makes the outer scope the current one.</summary>
    public void Dispose()
    {
        torch.Tensor[] left;
        lock (tensors)
        {
            left = [.. tensors];
            tensors.Clear();
        }

        foreach (var tensor in left)
        {
            tensor.Scope = null;
            tensor.Dispose();
        }

        if (ReferenceEquals(Ambient.Value, this))
        {
            Ambient.Value = outer;
        }
    }

    internal void Add(torch.Tensor tensor)
    {
        lock (tensors)
        {
            tensors.Add(tensor);
        }

        tensor.Scope = this;
    }

    internal void Remove(torch.Tensor tensor)
    {
        lock (tensors)
        {
            tensors.Remove(tensor);
        }

        tensor.Scope = null;
    }

    internal void MoveToOuter(torch.Tensor tensor)
    {
        Remove(tensor);
        outer?.Add(tensor);
    }
}

public static partial class torch
{
    /// <summary>Opens a scope: tensors made from here on are disposed with it.</summary>
    /// <returns>The scope, for a <c>using</c>.</returns>
    public static DisposeScope NewDisposeScope() => new();
}
