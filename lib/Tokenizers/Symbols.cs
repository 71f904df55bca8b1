namespace Logitscope.Tokenizers;

/// <summary>The symbols of a piece before merging, and for each the chars of the piece that it stands for.</summary>
/// <param name="capacity">How many there will be, about.</param>
internal sealed class Symbols(int capacity)
{
    private readonly List<(int Start, int End)> _chars = new(capacity);

    /// <summary>Their ids.</summary>
    public List<int> Ids { get; } = new(capacity);

    public void Add(int id, int start, int end)
    {
        Ids.Add(id);
        _chars.Add((start, end));
    }

    /// <summary>Makes the last symbol reach further.</summary>
    public void Extend(int end) => _chars[^1] = (_chars[^1].Start, end);

    /// <summary>The chars of the symbols from one to before another.</summary>
    public (int Start, int End) CharsOf(int first, int after) => (_chars[first].Start, _chars[after - 1].End);
}
