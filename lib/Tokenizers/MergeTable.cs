using System.Buffers;

namespace Logitscope.Tokenizers;

/// <summary>
/// Merges the symbols of one piece: always the adjacent pair of the lowest rank, the leftmost of equals, until no pair
/// has a rank. A queue of pairs over a linked list makes n symbols cost n log n.
/// </summary>
/// <param name="merges">The merges; a merge's rank is its index.</param>
internal sealed class MergeTable(IReadOnlyList<BpeMerge> merges)
{
    private const int Unranked = -1;

    private readonly int[] _products = [.. merges.Select(merge => merge.Product)];
    private readonly Dictionary<(int Left, int Right), int> _ranks =
        merges.Index().ToDictionary(row => (row.Item.Left, row.Item.Right), row => row.Index);

    /// <summary>Merges in place; what is left stands at the front.</summary>
    /// <returns>How many symbols are left.</returns>
    public int Apply(Span<int> symbols)
    {
        if (symbols.Length < 2)
        {
            return symbols.Length;
        }

        var rented = ArrayPool<int>.Shared.Rent(3 * symbols.Length);
        var left = new Piece(this, symbols, rented).Merge();
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

        /// <summary>The rank of the pair that begins at a place.</summary>
        private readonly Span<int> _ranks;

        /// <summary>
        /// Ranks by (rank, place) in one number, which compares faster. An entry whose rank is no longer its place's is
        /// out of date.
        /// </summary>
        private readonly PriorityQueue<int, long> _pairs = new();

        public Piece(MergeTable table, Span<int> symbols, Span<int> rented)
        {
            var count = symbols.Length;
            _table = table;
            _symbols = symbols;
            _next = rented[..count];
            _previous = rented[count..(2 * count)];
            _ranks = rented[(2 * count)..(3 * count)];
            for (var place = 0; place < count; place++)
            {
                _next[place] = place + 1;
                _previous[place] = place - 1;
            }

            for (var place = 0; place < count; place++)
            {
                Rank(place);
            }
        }

        public int Merge()
        {
            while (_pairs.TryDequeue(out var rank, out var rankAndPlace))
            {
                var place = (int)rankAndPlace;
                if (_ranks[place] == rank)
                {
                    MergeAt(place, _table._products[rank]);
                }
            }

            var left = 0;
            for (var place = 0; place < _symbols.Length; place = _next[place])
            {
                _symbols[left++] = _symbols[place];
            }

            return left;
        }

        private void MergeAt(int place, int product)
        {
            var absorbed = _next[place];
            var after = _next[absorbed];
            _symbols[place] = product;
            _ranks[absorbed] = Unranked;
            _next[place] = after;
            if (after < _symbols.Length)
            {
                _previous[after] = place;
            }

            Rank(place);
            if (place > 0)
            {
                Rank(_previous[place]);
            }
        }

        private void Rank(int place)
        {
            var next = _next[place];
            if (next < _symbols.Length && _table._ranks.TryGetValue((_symbols[place], _symbols[next]), out var rank))
            {
                _ranks[place] = rank;
                _pairs.Enqueue(rank, ((long)rank << 32) | (uint)place);
            }
            else
            {
                _ranks[place] = Unranked;
            }
        }
    }
}
