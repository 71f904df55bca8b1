namespace Logitscope.Tests.Fuzz;

/// <summary>Damages files: bits turned, bytes changed, put in, taken out and moved, numbers made extreme.</summary>
/// <param name="seed">Which damages.</param>
/// <param name="alphabet">Bytes that mean something in the format.</param>
internal sealed class Damage(int seed, byte[] alphabet)
{
    private static readonly byte[][] s_extremes =
    [
        [0xFF], [0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    ];

    private readonly Random _random = new(seed);

    /// <summary>A damaged copy.</summary>
    public byte[] Of(byte[] whole)
    {
        List<byte> bytes = [.. whole];
        for (var changes = _random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = _random.Next(bytes.Count);
            switch (_random.Next(8))
            {
                case 0 or 1:
                    bytes[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 2 or 3:
                    bytes[at] = alphabet[_random.Next(alphabet.Length)];
                    break;
                case 4:
                    bytes.RemoveAt(at);
                    break;
                case 5:
                    bytes.Insert(at, (byte)_random.Next(256));
                    break;
                case 6:
                    Overwrite(bytes, at, s_extremes[_random.Next(s_extremes.Length)]);
                    break;
                default:
                    var from = _random.Next(bytes.Count);
                    Overwrite(bytes, at, bytes.GetRange(from, Math.Min(bytes.Count - from, 8)));
                    break;
            }
        }

        var length = _random.Next(16) == 0 ? _random.Next(bytes.Count + 1) : bytes.Count;
        return [.. bytes.Take(length)];
    }

    private static void Overwrite(List<byte> bytes, int at, IReadOnlyList<byte> with)
    {
        for (var i = 0; i < with.Count && at + i < bytes.Count; i++)
        {
            bytes[at + i] = with[i];
        }
    }
}
