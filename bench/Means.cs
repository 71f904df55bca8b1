namespace Logitscope.Bench;

/// <summary>What the reference computes of each cell, precision@1 and surprisal, summed by method and layer.</summary>
internal sealed class Means
{
    private readonly Dictionary<(string Method, int Layer), (double Right, double Surprisal, int Count)> _sums = [];

    /// <summary>Adds one row a prompt: logits <c>[n, vocab]</c> of the model itself and of the patched run.</summary>
    public void Add(string method, int layer, Tensor own, Tensor patched)
    {
        using var scope = NewDisposeScope();
        var target = Distributions.Top1(own);
        var right = Distributions.Top1(patched).eq(target).sum().ToInt64();
        var surprisal = Distributions.Surprisal(Distributions.LogProbabilities(patched), target).sum().ToDouble();
        Add(method, layer, right, surprisal, (int)own.size(0));
    }

    /// <summary>Adds sums.</summary>
    public void Add(string method, int layer, double right, double surprisal, int count)
    {
        var before = _sums.GetValueOrDefault((method, layer));
        _sums[(method, layer)] = (before.Right + right, before.Surprisal + surprisal, before.Count + count);
    }

    /// <summary>The largest difference of any mean between two ways: whether they ran the same experiment.</summary>
    public double Apart(Means other) => _sums.Max(cell =>
    {
        var (right, surprisal, count) = cell.Value;
        var with = other._sums[cell.Key];
        return Math.Max(
            Math.Abs((right / count) - (with.Right / with.Count)),
            Math.Abs((surprisal / count) - (with.Surprisal / with.Count)));
    });
}
