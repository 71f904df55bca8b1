namespace Logitscope.Checkpoints;

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
