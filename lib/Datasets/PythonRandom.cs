using System.Numerics;

namespace Logitscope;

/// <summary>
/// CPython's <c>random</c>, bit for bit, as far as the reference uses it: the Mersenne Twister MT19937 of Matsumoto and
/// Nishimura (1998) with CPython's seeding by an integer and its way to an unbiased whole number. Not for secrets.
/// Not safe for use by several threads at once.
/// </summary>
public sealed class PythonRandom
{
    private const int StateSize = 624;
    private const int Shift = 397;
    private const uint UpperBit = 0x8000_0000;

    private readonly uint[] _state = new uint[StateSize];
    private int _used = StateSize;

    /// <summary><c>random.seed(seed)</c>: any integer; a negative one seeds as its absolute value does.</summary>
    public PythonRandom(BigInteger seed) => SeedBy(Words(BigInteger.Abs(seed)));

    /// <summary>The next 32 bits: <c>random.getrandbits(32)</c>.</summary>
    public uint NextUInt32()
    {
        if (_used == StateSize)
        {
            Regenerate();
        }

        var bits = _state[_used++];
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9D2C_5680;
        bits ^= (bits << 15) & 0xEFC6_0000;
        return bits ^ (bits >> 18);
    }

    /// <summary><c>random.randrange(count)</c>: 0 to <paramref name="count"/> less one, each as likely.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public long RandBelow(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var bits = BitOperations.Log2((ulong)count) + 1;
        long drawn;
        do
        {
            drawn = RandBits(bits);
        }
        while (drawn >= count);

        return drawn;
    }

    /// <summary><c>random.shuffle</c>, of a copy.</summary>
    /// <param name="items">What is put in another order.</param>
    /// <returns>The same items.</returns>
    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        T[] mixed = [.. items];
        for (var left = mixed.Length - 1; left > 0; left--)
        {
            var drawn = (int)RandBelow(left + 1);
            (mixed[left], mixed[drawn]) = (mixed[drawn], mixed[left]);
        }

        return mixed;
    }

    /// <summary><c>random.randint(low, high)</c>: both ends are included.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The high end is below the low one.</exception>
    /// <exception cref="OverflowException">There are more numbers between them than fit 63 bits.</exception>
    public long RandInt(long low, long high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(high, low);
        return low + RandBelow(checked(high - low + 1));
    }

    /// <summary>1 to 63 bits: the low word is drawn first, and of the last word the high bits are taken.</summary>
    private long RandBits(int count) => count <= 32
        ? NextUInt32() >> (32 - count)
        : NextUInt32() | ((long)(NextUInt32() >> (64 - count)) << 32);

    /// <summary>The 32-bit words of a number, lowest first; one word for zero.</summary>
    private static uint[] Words(BigInteger number)
    {
        var words = new List<uint>();
        do
        {
            words.Add((uint)(number & uint.MaxValue));
            number >>= 32;
        }
        while (!number.IsZero);

        return [.. words];
    }

    /// <summary>The algorithm's <c>init_genrand</c>.</summary>
    private void SeedBy(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < StateSize; i++)
        {
            _state[i] = (1_812_433_253 * Mixed(i)) + (uint)i;
        }
    }

    /// <summary>The algorithm's <c>init_by_array</c>.</summary>
    private void SeedBy(uint[] key)
    {
        SeedBy(19_650_218);
        var place = 1;
        for (var step = 0; step < Math.Max(StateSize, key.Length); step++)
        {
            var word = step % key.Length;
            _state[place] = (_state[place] ^ (Mixed(place) * 1_664_525)) + key[word] + (uint)word;
            Advance(ref place);
        }

        for (var step = 1; step < StateSize; step++)
        {
            _state[place] = (_state[place] ^ (Mixed(place) * 1_566_083_941)) - (uint)place;
            Advance(ref place);
        }

        _state[0] = UpperBit;
    }

    private uint Mixed(int place) => _state[place - 1] ^ (_state[place - 1] >> 30);

    private void Advance(ref int place)
    {
        if (++place == StateSize)
        {
            _state[0] = _state[StateSize - 1];
            place = 1;
        }
    }

    private void Regenerate()
    {
        for (var i = 0; i < StateSize; i++)
        {
            var joined = (_state[i] & UpperBit) | (_state[(i + 1) % StateSize] & ~UpperBit);
            var twist = (joined & 1) == 0 ? 0 : 0x9908_B0DF;
            _state[i] = _state[(i + Shift) % StateSize] ^ (joined >> 1) ^ twist;
        }

        _used = 0;
    }
}
