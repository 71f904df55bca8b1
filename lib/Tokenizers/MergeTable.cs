using System.Buffers;
using System.Numerics;

namespace Logitscope;

// Merges the symbols of one piece: always the adjacent pair of the lowest rank, the leftmost of equals, until no pair has a rank.
// A queue of pairs over a linked list makes n symbols cost n log n.
internal sealed class MergeTable(IReadOnlyList<BpeMerge> merges, IReadOnlyList<int>? ranks = null)
{
    private const int None = -1;

    private readonly int[] _products = [.. merges.Select(merge => merge.Product)];
    private readonly int[] _ranks = [.. ranks ?? Enumerable.Range(0, merges.Count)];
    private readonly PairTable _mergeOf = new(merges);

    /// <summary>Merges in place; what is left stands at the front.</summary>
    public int Apply(Span<int> symbols, Span<int> places = default)
    {
        if (symbols.Length < 2)
        {
            places.Clear();
            return symbols.Length;
        }

        var rented = ArrayPool<int>.Shared.Rent(3 * symbols.Length);
        var left = new Piece(this, symbols, rented).Merge(places);
        ArrayPool<int>.Shared.Return(rented);
        return left;
    }

    /// <summary>The symbols as a linked list. A symbol keeps its place in it; a merge keeps the left one's.</summary>
    private ref struct Piece
    {
        private readonly MergeTable _table;
        private readonly Span<int> _symbols;
        private readonly Span<int> _next;
        private readonly Span<int> _previous;

        /// <summary>The merge of the pair that begins at a place.</summary>
        private readonly Span<int> _merges;

        // Merges by (rank, place) in one number, which compares faster. An entry whose merge is no longer its place's is out of
        // date.
        private readonly PriorityQueue<int, long> _pairs = new();

        public Piece(MergeTable table, Span<int> symbols, Span<int> rented)
        {
            var count = symbols.Length;
            _table = table;
            _symbols = symbols;
            _next = rented[..count];
            _previous = rented[count..(2 * count)];
            _merges = rented[(2 * count)..(3 * count)];
            for (var place = count - 1; place >= 0; place--)
            {
                (_next[place], _previous[place]) = (place + 1, place - 1);
                Look(place);
            }
        }

        public int Merge(Span<int> places)
        {
            while (_pairs.TryDequeue(out var merge, out var rankAndPlace))
            {
                var place = (int)rankAndPlace;
                if (_merges[place] == merge)
                {
                    MergeAt(place, _table._products[merge]);
                }
            }

            var left = 0;
            for (var place = 0; place < _symbols.Length; place = _next[place])
            {
                if (!places.IsEmpty)
                {
                    places[left] = place;
                }

                _symbols[left++] = _symbols[place];
            }

            return left;
        }

        private void MergeAt(int place, int product)
        {
            var absorbed = _next[place];
            var after = _next[absorbed];
            _symbols[place] = product;
            _merges[absorbed] = None;
            _next[place] = after;
            if (after < _symbols.Length)
            {
                _previous[after] = place;
            }

            Look(place);
            if (place > 0)
            {
                Look(_previous[place]);
            }
        }

        private void Look(int place)
        {
            var next = _next[place];
            if (next < _symbols.Length && _table._mergeOf.TryGet(_symbols[place], _symbols[next], out var merge))
            {
                _merges[place] = merge;
                _pairs.Enqueue(merge, ((long)_table._ranks[merge] << 32) | (uint)place);
            }
            else
            {
                _merges[place] = None;
            }
        }
    }
}

/// <summary>Merges as a file spells them, each once, of tokens into a token.</summary>
internal sealed class MergeList(IReadOnlyDictionary<string, int> tokens)
{
    private readonly List<BpeMerge> _merges = [];
    private readonly Dictionary<(int, int), string> _placeOf = [];

    /// <summary>The merges so far.</summary>
    public IReadOnlyList<BpeMerge> Merges => _merges;

    /// <summary>Adds the merge of two tokens.</summary>
    public void Add(string[] pair, string path, string place)
    {
        if (pair is not [{ Length: > 0 } left, { Length: > 0 } right])
        {
            throw new TokenizerException(
                $"'{path}', {place}: expected two tokens with one space between, got '{string.Join(' ', pair)}'.");
        }

        var merge = new BpeMerge(IdOf(left), IdOf(right), IdOf(left + right));
        if (!_placeOf.TryAdd((merge.Left, merge.Right), place))
        {
            var before = _placeOf[(merge.Left, merge.Right)];
            throw new TokenizerException($"'{path}', {place}: expected each merge once, got that of {before} again: '{left} {right}'.");
        }

        _merges.Add(merge);

        int IdOf(string token) => tokens.TryGetValue(token, out var id)
            ? id
            : throw new TokenizerException(
                $"'{path}', {place}: expected a merge of tokens into a token of the vocabulary, "
                + $"got '{left} {right}', and it has no '{token}'.");
    }
}

// From a pair of ids to a merge. Merging looks up little else, and an open table with one multiplication for a hash answers
// several times faster than a dictionary of pairs.
internal sealed class PairTable
{
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private const int Empty = -1;

    private readonly (ulong Pair, int Merge)[] _slots;
    private readonly int _shift;

    public PairTable(IReadOnlyList<BpeMerge> merges)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * merges.Count, 2));
        _slots = new (ulong, int)[size];
        _shift = 64 - BitOperations.Log2(size);
        Array.Fill(_slots, (0UL, Empty));
        for (var merge = 0; merge < merges.Count; merge++)
        {
            var pair = Pair(merges[merge].Left, merges[merge].Right);
            _slots[SlotOf(pair)] = (pair, merge);
        }
    }

    /// <summary>The merge of a pair; false where there is none.</summary>
    public bool TryGet(int left, int right, out int merge)
    {
        merge = _slots[SlotOf(Pair(left, right))].Merge;
        return merge != Empty;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>The slot of the pair, or the empty one where it would go: half of the table is always empty.</summary>
    private int SlotOf(ulong pair)
    {
        var slot = (int)((pair * Spread) >> _shift);
        while (_slots[slot].Merge != Empty && _slots[slot].Pair != pair)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }
}
