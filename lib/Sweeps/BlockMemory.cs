using System.Runtime.CompilerServices;

namespace Logitscope;

/// <summary>
/// What a block of a model has in memory when it ends, where all that it made is still alive: counted in small runs of the
/// first block, so that it holds for every family and width of heads.
/// </summary>
/// <param name="Token">Bytes a token.</param>
/// <param name="Pair">Bytes for each pair of tokens of a prompt: the scores of all heads.</param>
/// <param name="Mask">Bytes for each pair of tokens, however many prompts there are.</param>
internal sealed record BlockMemory(double Token, double Pair, double Mask)
{
    private const int Tokens = 16;
    private const int Mapped = 32 << 20; // larger ones go back to the system at once (glibc's DEFAULT_MMAP_THRESHOLD_MAX)
    private const double Again = 0.375; // of smaller ones, holes stay: so much more for each doubling of the passes (measured)

    private static readonly ConditionalWeakTable<LanguageModel, BlockMemory> s_known = [];

    /// <summary>The memory of a model's blocks; counted once.</summary>
    public static BlockMemory Of(LanguageModel model) => s_known.GetValue(model, Count);

    /// <summary>The most bytes that passes over some prompts of one length take.</summary>
    /// <param name="prompts">How many run together.</param>
    /// <param name="tokens">Of each.</param>
    /// <param name="passes">How many passes there are, one after the other.</param>
    public double Bytes(double prompts, double tokens, int passes)
    {
        var scores = prompts * tokens * tokens * Pair;
        var large = scores > 2 * Mapped ? scores : 0; // they are two tensors of one size
        var small = (prompts * tokens * Token) + scores - large;
        return (small * (1 + (Again * Math.Log2(passes)))) + large + (tokens * tokens * Mask);
    }

    // Two prompts instead of one add what grows with prompts; twice the tokens double what grows with tokens and make
    // four times what grows with pairs of them.
    private static BlockMemory Count(LanguageModel model)
    {
        var tokens = Math.Min(Tokens, model.ContextLength / 2);
        if (tokens == 0)
        {
            return new BlockMemory(Alive(model, 1, 1), 0, 0);
        }

        var (one, two) = (Alive(model, 1, tokens), Alive(model, 2, tokens));
        var (oneLong, twoLong) = (Alive(model, 1, 2 * tokens), Alive(model, 2, 2 * tokens));
        var pairs = Math.Max(0, (twoLong - oneLong - (2 * (two - one))) / (2.0 * tokens * tokens));
        var token = ((two - one) / tokens) - (pairs * tokens);
        var shared = ((2 * oneLong) - twoLong) / (4.0 * tokens * tokens);
        return new BlockMemory(token, pairs, Math.Max(0, shared));
    }

    private static double Alive(LanguageModel model, int prompts, int tokens)
    {
        using var scope = NewDisposeScope();
        var residual = model.Embed(zeros([prompts, tokens], int64, model.Device), past: 0);
        using var block = NewDisposeScope();
        model.RunBlock(0, residual, new Pass());
        var made = block.DisposablesView.OfType<Tensor>();
        return model.Device.type == DeviceType.CPU
            ? Covered(made.Select(Extent), [.. model.Weights.Values.Select(Extent)])
            : made.Sum(tensor => (double)tensor.NumberOfElements * tensor.dtype.ElementSize()); // addresses are not told there
    }

    // Views lie on others' memory, and some on that of the weights: each byte counts once, and those of the weights not.
    private static double Covered(IEnumerable<(long Start, long End)> made, IReadOnlyList<(long Start, long End)> weights)
    {
        var (covered, reached) = (0L, 0L);
        foreach (var (start, end) in made.Where(one => !weights.Any(w => one.Start >= w.Start && one.Start < w.End)).Order())
        {
            covered += Math.Max(0, end - Math.Max(start, reached));
            reached = Math.Max(reached, end);
        }

        return covered;
    }

    private static (long Start, long End) Extent(Tensor tensor)
    {
        if (tensor.NumberOfElements == 0)
        {
            return (0, 0);
        }

        using var scope = NewDisposeScope();
        var first = tensor;
        while (first.Dimensions > 0)
        {
            first = first.select(0, 0);
        }

        var last = tensor.shape.Zip(tensor.stride(), (size, stride) => (size - 1) * stride).Sum();
        var start = AddressOf(first.detach());
        return (start, start + ((last + 1) * tensor.dtype.ElementSize()));
    }

    private static unsafe long AddressOf(Tensor scalar)
    {
        fixed (byte* at = scalar.bytes)
        {
            return (long)at;
        }
    }
}
