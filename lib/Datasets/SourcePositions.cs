using System.Buffers.Binary;
using System.Security.Cryptography;
using Logitscope.Tokenizers;

namespace Logitscope.Datasets;

/// <summary>The 0-based source position of every cell of a sweep: method, layer, prompt.</summary>
public sealed class SourcePositions
{
    /// <summary>The seed of the reference, for both rules that draw.</summary>
    public const long DefaultSeed = 42;

    private readonly int _methods;
    private readonly int _layers;
    private readonly int _prompts;

    /// <summary>The position of a cell by (method, layer, prompt), the last counted fastest.</summary>
    private readonly int[] _positions;

    private SourcePositions(int methods, int layers, int prompts, Func<int, int> positionOfCell)
    {
        _methods = methods;
        _layers = layers;
        _prompts = prompts;
        _positions = new int[checked(methods * layers * prompts)];
        for (var cell = 0; cell < _positions.Length; cell++)
        {
            _positions[cell] = positionOfCell(cell);
        }
    }

    /// <summary>
    /// Chooses the positions.
    /// <para>
    /// <see cref="PositionRule.Random"/> is floor(u * count / 2^64), where u is the first 8 bytes, little-endian, of
    /// the SHA-256 of the seed as 8 bytes and then each id of the prompt as 4 bytes, all little-endian two's
    /// complement.
    /// </para>
    /// </summary>
    /// <param name="rule">Which rule.</param>
    /// <param name="prompts">The prompts in the order of the sweep; each has at least one token, BOS counted.</param>
    /// <param name="methods">How many methods the sweep has, in the order of the sweep.</param>
    /// <param name="layers">How many layers the sweep has.</param>
    /// <param name="seed">The seed of the rules that draw.</param>
    /// <exception cref="DatasetException">A prompt has no tokens.</exception>
    public static SourcePositions Choose(
        PositionRule rule, IReadOnlyList<Prompt> prompts, int methods, int layers, long seed = DefaultSeed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(methods, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        for (var prompt = 0; prompt < prompts.Count; prompt++)
        {
            if (prompts[prompt].Count == 0)
            {
                throw new DatasetException(
                    $"Prompt {prompt} has no source position: expected at least one token, got none.");
            }
        }

        return new(methods, layers, prompts.Count, rule switch
        {
            PositionRule.Last => cell => prompts[cell % prompts.Count].Count - 1,
            PositionRule.Random => OnePerPrompt([.. prompts.Select(prompt => Draw(seed, prompt))]),
            PositionRule.Reference => ReferenceDraws(seed, prompts),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "There is no such rule."),
        });
    }

    /// <summary>The 0-based source position, BOS counted, of a cell of the sweep.</summary>
    /// <param name="method">The method's place in the sweep's order, from 0.</param>
    /// <param name="layer">The layer's place in the sweep's order, from 0.</param>
    /// <param name="prompt">The prompt's place in the sweep's order, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sweep has no such cell.</exception>
    public int this[int method, int layer, int prompt]
    {
        get
        {
            CheckPlace(method, _methods, nameof(method));
            CheckPlace(layer, _layers, nameof(layer));
            CheckPlace(prompt, _prompts, nameof(prompt));
            return _positions[(((method * _layers) + layer) * _prompts) + prompt];
        }
    }

    private static Func<int, int> OnePerPrompt(int[] positions) => cell => positions[cell % positions.Length];

    private static Func<int, int> ReferenceDraws(long seed, IReadOnlyList<Prompt> prompts)
    {
        var random = new PythonRandom(seed);
        return cell => (int)random.RandInt(0, prompts[cell % prompts.Count].Count - 1);
    }

    private static int Draw(long seed, Prompt prompt)
    {
        var bytes = new byte[sizeof(long) + (sizeof(int) * prompt.Count)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, seed);
        var rest = bytes.AsSpan(sizeof(long));
        foreach (var id in prompt.Ids)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, id);
            rest = rest[sizeof(int)..];
        }

        var drawn = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
        return (int)Math.BigMul(drawn, (ulong)prompt.Count, out _);
    }

    private static void CheckPlace(int place, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, count, name);
    }
}
