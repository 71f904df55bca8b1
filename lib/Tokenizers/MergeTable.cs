using System.Buffers;

namespace Logitscope.Tokenizers;

/// <summary>
/// Merges the symbols of one piece: always the adjacent pair of the lowest rank, the leftmost of equals, until no pair
/// has a rank. A queue of pairs over a linked list makes n symbols cost n log n.
/// </summary>
/// <param name="merges">The merges.</param>
/// <param name="ranks">Their ranks, which several may share; each one's index where they are left out.</param>
internal sealed class MergeTable(IReadOnlyList<BpeMerge> merges, IReadOnlyList<int>? ranks = null)
{
    private const int None = -1;

    private readonly int[] _products = [.. merges.Select(merge => merge.Product)];
    private readonly int[] _ranks = [.. ranks ?? Enumerable.Range(0, merges.Count)];
    private readonly PairTable _mergeOf = new(merges);

    /// <summary>Merges in place; what is left stands at the front.</summary>
    /// <param name="symbols">The symbols.</param>
    /// <param name="places">Where given, gets the place of the first symbol that each one left was merged from.</param>
    /// <returns>How many symbols are left.</returns>
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

        /// <summary>
        /// Merges by (rank, place) in one number, which compares faster. An entry whose merge is no longer its place's
        /// is out of date.
        /// </summary>
        private readonly PriorityQueue<int, long> _pairs = new();

        public Piece(MergeTable table, Span<int> symbols, Span<int> rented)
        {
            var count = symbols.Length;
            _table = table;
            _symbols = symbols;
            _next = rented[..count];
            _previous = rented[count..(2 * count)];
            _merges = rented[(2 * count)..(3 * count)];
            for (var place = 0; place < count; place++)
            {
                _next[place] = place + 1;
                _previous[place] = place - 1;
            }

            for (var place = 0; place < count; place++)
            {
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
