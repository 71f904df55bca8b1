namespace Logitscope.Tokenizers;

/// <summary>Merges as a file spells them, each once, of tokens into a token.</summary>
/// <param name="tokens">The vocabulary.</param>
internal sealed class MergeList(IReadOnlyDictionary<string, int> tokens)
{
    private readonly List<BpeMerge> _merges = [];
    private readonly Dictionary<(int, int), string> _placeOf = [];

    /// <summary>The merges so far.</summary>
    public IReadOnlyList<BpeMerge> Merges => _merges;

    /// <summary>Adds the merge of a line with two tokens.</summary>
    /// <param name="line">The line.</param>
    /// <param name="path">The file.</param>
    /// <param name="place">Where in the file: line 3.</param>
    public void Add(string line, string path, string place)
    {
        if (line.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right])
        {
            throw new TokenizerException(
                $"'{path}', {place}: expected two tokens with one space between, got '{line}'.");
        }

        Add(left, right, path, place);
    }

    /// <summary>Adds the merge of two tokens.</summary>
    public void Add(string left, string right, string path, string place)
    {
        var merge = new BpeMerge(IdOf(left), IdOf(right), IdOf(left + right));
        if (!_placeOf.TryAdd((merge.Left, merge.Right), place))
        {
            throw new TokenizerException(
                $"'{path}', {place}: expected each merge once, got that of "
                + $"{_placeOf[(merge.Left, merge.Right)]} again: '{left} {right}'.");
        }

        _merges.Add(merge);

        int IdOf(string token) => tokens.TryGetValue(token, out var id)
            ? id
            : throw new TokenizerException(
                $"'{path}', {place}: expected a merge of tokens into a token of the vocabulary, "
                + $"got '{left} {right}', and it has no '{token}'.");
    }
}
