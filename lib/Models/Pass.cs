namespace Logitscope;

/// <summary>
/// What goes with the tokens up the layers: the cache that they go on from, and what is kept and changed on the way. A
/// silent one, which keeps and changes nothing, gives every value back as it is.
/// </summary>
public sealed class Pass
{
    private readonly IReadOnlyList<Edit> _edits;
    private readonly Func<Hook, Tensor, Tensor>? _visit;

    /// <summary>A pass.</summary>
    /// <param name="cache">Keys and values of the tokens before; every block appends its own.</param>
    /// <param name="edits">What is changed, in this order where several meet.</param>
    /// <param name="visit">Sees each place's value after its edits, and gives back the one that goes on.</param>
    internal Pass(KeyValueCache? cache = null, IReadOnlyList<Edit>? edits = null, Func<Hook, Tensor, Tensor>? visit = null) =>
        (Cache, _edits, _visit) = (cache, edits ?? [], visit);

    /// <summary>Keys and values of the tokens before; null where none are kept.</summary>
    public KeyValueCache? Cache { get; }

    /// <summary>How many tokens are before: the position of the first one.</summary>
    public int Past => Cache?.Length ?? 0;

    /// <summary>A place of the model: applies its edits, and keeps what was asked for.</summary>
    /// <param name="site">Where in the block.</param>
    /// <param name="layer">0-based block.</param>
    /// <param name="value">What the model has there, in the site's shape.</param>
    /// <returns>What the model goes on with.</returns>
    /// <exception cref="ModelException">An edit gives something of another shape.</exception>
    public Tensor At(Site site, int layer, Tensor value)
    {
        if (_visit is null && _edits.Count == 0)
        {
            return value;
        }

        var hook = new Hook(layer, site);
        foreach (var edit in _edits)
        {
            if (edit.Hook == hook)
            {
                value = edit.Apply(value, Past);
            }
        }

        return _visit is null ? value : _visit(hook, value);
    }
}
