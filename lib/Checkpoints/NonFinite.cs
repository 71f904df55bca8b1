using System.Numerics;
using System.Runtime.InteropServices;

namespace Logitscope.Checkpoints;

/// <summary>Finds NaN and infinity as fast as memory is read: both have all bits of their exponent set.</summary>
internal static class NonFinite
{
    /// <summary>The first NaN or infinity of a CPU tensor in row order.</summary>
    /// <param name="piece">Any type; integers are always finite.</param>
    /// <returns>Its number; -1 where all are finite.</returns>
    public static int IndexOfFirst(Tensor piece) => piece.dtype switch
    {
        ScalarType.Float16 => IndexOfFirst<ushort>(piece.bytes, 0x7C00),
        ScalarType.BFloat16 => IndexOfFirst<ushort>(piece.bytes, 0x7F80),
        ScalarType.Float32 => IndexOfFirst(piece.bytes, 0x7F80_0000u),
        ScalarType.Float64 => IndexOfFirst(piece.bytes, 0x7FF0_0000_0000_0000ul),
        _ => -1,
    };

    private static int IndexOfFirst<T>(Span<byte> bytes, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var numbers = MemoryMarshal.Cast<byte, T>(bytes);
        var mask = new Vector<T>(exponent);
        var done = 0;
        foreach (var numbersAtOnce in MemoryMarshal.Cast<T, Vector<T>>(numbers))
        {
            if (Vector.EqualsAny(numbersAtOnce & mask, mask))
            {
                break;
            }

            done += Vector<T>.Count;
        }

        for (; done < numbers.Length; done++)
        {
            if ((numbers[done] & exponent) == exponent)
            {
                return done;
            }
        }

        return -1;
    }
}
