namespace TorchSharp;

/// <summary>
/// Disposes the tensors made while it is the innermost scope, except those moved out. Scopes follow the logical call,
/// so they survive an <c>await</c>.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private static readonly AsyncLocal<DisposeScope?> s_ambient = new();

    private readonly HashSet<torch.Tensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private readonly DisposeScope? _outer;

    internal DisposeScope()
    {
        _outer = s_ambient.Value;
        s_ambient.Value = this;
    }

    internal static DisposeScope? Current => s_ambient.Value;

    /// <summary>How many tensors this scope would dispose now.</summary>
    public int DisposablesCount
    {
        get
        {
            lock (_tensors)
            {
                return _tensors.Count;
            }
        }
    }

    /// <summary>Disposes what the scope still holds and makes the outer scope the current one.</summary>
    public void Dispose()
    {
        torch.Tensor[] left;
        lock (_tensors)
        {
            left = [.. _tensors];
            _tensors.Clear();
        }

        foreach (var tensor in left)
        {
            tensor.Scope = null;
            tensor.Dispose();
        }

        if (ReferenceEquals(s_ambient.Value, this))
        {
            s_ambient.Value = _outer;
        }
    }

    internal void Add(torch.Tensor tensor)
    {
        lock (_tensors)
        {
            _tensors.Add(tensor);
        }

        tensor.Scope = this;
    }

    internal void Remove(torch.Tensor tensor)
    {
        lock (_tensors)
        {
            _tensors.Remove(tensor);
        }

        tensor.Scope = null;
    }

    internal void MoveToOuter(torch.Tensor tensor)
    {
        Remove(tensor);
        _outer?.Add(tensor);
    }
}

public static partial class torch
{
    /// <summary>Opens a scope: tensors made from here on are disposed with it.</summary>
    /// <returns>The scope, for a <c>using</c>.</returns>
    public static DisposeScope NewDisposeScope() => new();
}
