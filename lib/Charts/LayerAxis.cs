namespace Logitscope.Charts;

/// <summary>The layers that were read, ascending, as places of a heat map: a sweep may skip some.</summary>
internal sealed class LayerAxis
{
    private readonly int[] _layers;

    public LayerAxis(string title, IEnumerable<int> layers)
    {
        _layers = [.. layers.Distinct().Order()];
        Axis = new HeatAxis(title, [.. _layers.Select(layer => new HeatLabel($"{layer}"))]);
    }

    public HeatAxis Axis { get; }

    public int IndexOf(int layer) => Array.BinarySearch(_layers, layer);
}
