namespace Logitscope;

/// <summary>One tensor of a mapped file: whole, or one piece after the other.</summary>
/// <param name="File">The file.</param>
/// <param name="Entry">Where the tensor lies in it; checked against the file.</param>
internal sealed record MappedTensor(MappedFile File, WeightEntry Entry)
{
    private const int PieceBytes = 8 << 20; // stays in the processor's cache from the first look to the last

    private int Width => Entry.Type.ElementSize();

    // No format promises alignment; reading an element across its boundary is undefined.
    private bool LiesReady => Entry.Strides is null && Entry.Offset % Width == 0;

    /// <summary>All of it, on the file's own memory where it lies ready there.</summary>
    public Tensor Whole()
    {
        long[] shape = [.. Entry.Shape];
        return LiesReady && Entry.Elements > 0
            ? TorchRuntime.FromMemory(File.AddressOf(Entry.Offset), shape, Entry.Type, File)
            : Filled(empty(shape, Entry.Type), Pieces());
    }

    /// <summary>A tensor with its pieces in it, of whatever type and device each is.</summary>
    public static Tensor Filled(Tensor whole, IEnumerable<(long Start, Tensor Piece)> pieces)
    {
        using var scope = NewDisposeScope();
        var flat = whole.reshape(-1);
        foreach (var (start, piece) in pieces)
        {
            flat.narrow(0, start, piece.NumberOfElements).copy_(piece);
        }

        return whole;
    }

    /// <summary>Its numbers in row order, a few MiB at a time.</summary>
    public IEnumerable<(long Start, Tensor Piece)> Pieces(bool forget = true)
    {
        var atOnce = PieceBytes / Width;
        for (var start = 0L; start < Entry.Elements; start += atOnce)
        {
            using var piece = Piece(start, (int)Math.Min(atOnce, Entry.Elements - start));
            yield return (start, piece);
            if (forget && Entry.Strides is null)
            {
                File.Forget(Entry.Offset + (start * Width), piece.NumberOfElements * Width);
            }
        }
    }

    private Tensor Piece(long start, int count)
    {
        var offset = Entry.Offset + (start * Width);
        if (LiesReady)
        {
            return TorchRuntime.FromMemory(File.AddressOf(offset), [count], Entry.Type, File);
        }

        var copy = empty([count], Entry.Type);
        if (Entry.Strides is null)
        {
            File.Span(offset, count * Width).CopyTo(copy.bytes);
        }
        else
        {
            Gather(start, copy.bytes);
        }

        return copy;
    }

    // Counts through the index like an odometer; the last dimension turns fastest.
    private unsafe void Gather(long start, Span<byte> into)
    {
        var (shape, strides, width) = (Entry.Shape, Entry.Strides!, Width);
        var index = RowOrder.IndexAt(start, shape);
        var from = (byte*)File.AddressOf(Entry.Offset);
        var place = index.Zip(strides, (i, stride) => i * stride).Sum();
        for (; !into.IsEmpty; into = into[width..])
        {
            new ReadOnlySpan<byte>(from + (place * width), width).CopyTo(into);
            for (var dimension = shape.Count - 1; dimension >= 0; dimension--)
            {
                place += strides[dimension];
                if (++index[dimension] < shape[dimension])
                {
                    break;
                }

                place -= shape[dimension] * strides[dimension];
                index[dimension] = 0;
            }
        }

        GC.KeepAlive(File);
    }
}

/// <summary>How a tensor without strides of its own lies in memory: the last dimension turns fastest.</summary>
internal static class RowOrder
{
    /// <summary>The index of the n-th element.</summary>
    public static long[] IndexAt(long number, IReadOnlyList<long> shape)
    {
        var index = new long[shape.Count];
        for (var dimension = shape.Count - 1; dimension >= 0; dimension--)
        {
            (number, index[dimension]) = Math.DivRem(number, shape[dimension]);
        }

        return index;
    }

    /// <summary>Whether strides say nothing else. The stride of a dimension of one element is never used.</summary>
    public static bool Is(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        var expected = 1L;
        for (var dimension = shape.Count - 1; dimension >= 0; dimension--)
        {
            if (shape[dimension] != 1 && strides[dimension] != expected)
            {
                return false;
            }

            expected *= shape[dimension];
        }

        return true;
    }
}
