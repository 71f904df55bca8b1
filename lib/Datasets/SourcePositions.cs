using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Logitscope;

/// <summary>The 0-based source positions of every method, layer and prompt of a sweep.</summary>
public sealed class SourcePositions
{
    /// <summary>The seed of the reference, for both rules that draw.</summary>
    public const long DefaultSeed = 42;

    private readonly int _methods;
    private readonly int _layers;
    private readonly int _prompts;

    // By (method, layer, prompt), the last counted fastest; or by prompt alone, where all methods and layers share them.
    private readonly int[][] _positions;

    private SourcePositions(int methods, int layers, int prompts, IEnumerable<int[]> positions)
    {
        _methods = methods;
        _layers = layers;
        _prompts = prompts;
        _positions = [.. positions];
    }

    /// <summary>
    /// Chooses the positions.
    /// <para>
    /// <see cref="PositionRule.Random"/> takes of the positions that are left, in order, number floor(u * count / 2^64),
    /// where u is the first 8 bytes, little-endian, of the SHA-256 of the seed as 8 bytes, each id of the prompt as 4
    /// bytes and, from the second draw on, the 0-based number of the draw as 4 bytes, all little-endian two's complement.
    /// </para>
    /// </summary>
    /// <param name="rule">Which rule.</param>
    /// <param name="prompts">The prompts in the order of the sweep; each has at least one token, BOS counted.</param>
    /// <param name="methods">How many methods the sweep has, in the order of the sweep.</param>
    /// <param name="layers">How many layers the sweep has.</param>
    /// <param name="seed">The seed of the rules that draw.</param>
    /// <param name="perPrompt">How many different positions of each prompt; all of a prompt that has fewer.</param>
    /// <exception cref="DatasetException">A prompt has no tokens, or the rule gives one position only.</exception>
    public static SourcePositions Choose(
        PositionRule rule, IReadOnlyList<Prompt> prompts, int methods, int layers, long seed = DefaultSeed, int perPrompt = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(methods, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        if (perPrompt < 1 || (perPrompt > 1 && rule is PositionRule.Last or PositionRule.Reference))
        {
            throw new DatasetException(
                $"positions a prompt: expected 1, or more with the rule random, got {perPrompt} with the rule {rule}.");
        }

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
            PositionRule.Last => prompts.Select(prompt => new[] { prompt.Count - 1 }),
            PositionRule.Random => prompts.Select(prompt => Draw(prompt.HasBos && prompt.Count > 1 ? 1 : 0, prompt)),
            PositionRule.Anywhere => prompts.Select(prompt => Draw(0, prompt)),
            PositionRule.Reference => ReferenceDraws(seed, prompts, checked(methods * layers * prompts.Count)),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "There is no such rule."),
        });

        int[] Draw(int first, Prompt prompt)
        {
            var left = Enumerable.Range(first, prompt.Count - first).ToList();
            var drawn = new int[Math.Min(perPrompt, left.Count)];
            for (var draw = 0; draw < drawn.Length; draw++)
            {
                var place = (int)Math.BigMul(Hash(seed, prompt, draw), (ulong)left.Count, out _);
                drawn[draw] = left[place];
                left.RemoveAt(place);
            }

            return drawn;
        }
    }

    /// <summary>How many positions of a prompt are read.</summary>
    /// <param name="prompt">The prompt's place in the sweep's order, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sweep has no such prompt.</exception>
    public int CountOf(int prompt)
    {
        CheckPlace(prompt, _prompts, nameof(prompt));
        return _positions[prompt].Length;
    }

    /// <summary>The 0-based source position, BOS counted, of a cell of the sweep.</summary>
    /// <param name="method">The method's place in the sweep's order, from 0.</param>
    /// <param name="layer">The layer's place in the sweep's order, from 0.</param>
    /// <param name="prompt">The prompt's place in the sweep's order, from 0.</param>
    /// <param name="draw">Which of the prompt's positions, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sweep has no such cell.</exception>
    public int this[int method, int layer, int prompt, int draw = 0]
    {
        get
        {
            CheckPlace(method, _methods, nameof(method));
            CheckPlace(layer, _layers, nameof(layer));
            CheckPlace(prompt, _prompts, nameof(prompt));
            CheckPlace(draw, _positions[prompt].Length, nameof(draw));
            return _positions[((((method * _layers) + layer) * _prompts) + prompt) % _positions.Length][draw];
        }
    }

    private static IEnumerable<int[]> ReferenceDraws(long seed, IReadOnlyList<Prompt> prompts, int cells)
    {
        var random = new PythonRandom(seed);
        return Enumerable.Range(0, cells)
            .Select(cell => new[] { (int)random.RandInt(0, prompts[cell % prompts.Count].Count - 1) });
    }

    private static ulong Hash(long seed, Prompt prompt, int draw)
    {
        var bytes = new byte[sizeof(long) + (sizeof(int) * (prompt.Count + Math.Min(1, draw)))];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, seed);
        var rest = bytes.AsSpan(sizeof(long));
        foreach (var id in draw == 0 ? prompt.Ids : prompt.Ids.Append(draw))
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, id);
            rest = rest[sizeof(int)..];
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
    }

    private static void CheckPlace(int place, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(place, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, count, name);
    }
}

/// <summary>At which position of a prompt the source activation is read. Positions count the BOS.</summary>
public enum PositionRule
{
    /// <summary>The last position of each prompt.</summary>
    Last,

    /// <summary>
    /// Random positions of each prompt, shared by all methods and layers, so that they can be compared pairwise. They
    /// depend on the seed and the prompt's ids alone: not on the other prompts, nor on their order. A BOS that was put in
    /// front is drawn only where the prompt has nothing else: there every prompt has one residual, and it is no
    /// observation of how prompts are read.
    /// </summary>
    Random,

    /// <summary>As <see cref="Random"/>, but a BOS may be drawn too.</summary>
    Anywhere,

    /// <summary>
    /// The reference's draws, bit for bit: CPython's generator seeded once, then <c>randint(0, count - 1)</c> for every
    /// method, layer and prompt, in that order of loops. Methods and layers see different positions.
    /// </summary>
    Reference,
}
