using System.Numerics;

namespace Logitscope.Tokenizers;

/// <summary>
/// From a pair of ids to a merge. Merging looks up little else, and an open table with one multiplication for a hash
/// answers several times faster than a dictionary of pairs.
/// </summary>
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
            _slots[SlotOf(Pair(merges[merge].Left, merges[merge].Right))] =
                (Pair(merges[merge].Left, merges[merge].Right), merge);
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
