using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Logitscope;

/// <summary>
/// What is learned from, and what it is judged by: prompts of one model in two parts that share none, and their residuals as a
/// stream, a few prompts at a time.
/// </summary>
public sealed class FitData
{
    private readonly FitDataOptions _options;

    /// <summary>Encodes the prompts and splits them.</summary>
    /// <param name="model">The model whose residuals are read.</param>
    /// <param name="examples">The prompts, cut to the model's context; of equal ones, one is taken.</param>
    /// <param name="options">How they are split, and which positions are read.</param>
    /// <exception cref="LogitscopeException">A prompt cannot be encoded, or there are too few to split.</exception>
    public FitData(LanguageModel model, IEnumerable<Example> examples, FitDataOptions? options = null)
    {
        (Model, _options) = (model, options ?? new());
        if (_options.HeldOut is not (> 0 and < 1) || _options.PerPrompt < 1)
        {
            throw new FitException(
                $"data: expected a held-out share between 0 and 1 and a position a prompt, got {_options.HeldOut} and {_options.PerPrompt}");
        }

        var prompts = examples
            .Select(example => model.Checked(example.ToPrompt(model.Tokenizer, _options.Bos, model.ContextLength), example.Id))
            .Select(prompt => (Prompt: prompt, Key: Key(prompt, 0))).DistinctBy(prompt => prompt.Key)
            .OrderBy(prompt => prompt.Key, StringComparer.Ordinal).ToArray();
        var heldOut = (int)Math.Ceiling(prompts.Length * _options.HeldOut);
        if (heldOut == prompts.Length)
        {
            throw new FitException($"data: expected prompts to learn from and others to judge by, got {prompts.Length} different prompts");
        }

        HeldOut = [.. prompts.Take(heldOut).Select(prompt => prompt.Prompt)];
        Training = [.. prompts.Skip(heldOut).Select(prompt => prompt.Prompt)];
        Hash = Convert.ToHexStringLower(SHA256.HashData(
        [
            .. prompts.SelectMany(prompt => Convert.FromHexString(prompt.Key)),
            .. BitConverter.GetBytes(heldOut),
            .. BitConverter.GetBytes(_options.PerPrompt ?? 0),
        ]));
    }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>The prompts to learn from, in an order that the seed and their ids decide.</summary>
    public IReadOnlyList<Prompt> Training { get; }

    /// <summary>The prompts to judge by.</summary>
    public IReadOnlyList<Prompt> HeldOut { get; }

    /// <summary>SHA-256 of the prompts' ids, the split and the positions.</summary>
    public string Hash { get; }

    /// <summary>The residuals of prompts at every layer, those of like length together.</summary>
    /// <param name="prompts"><see cref="Training"/> or <see cref="HeldOut"/>.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>Runs, each alive until the next one is asked for.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<SourceRun> Residuals(IReadOnlyList<Prompt> prompts, CancellationToken cancellation = default)
    {
        foreach (var some in Batches(prompts.OrderBy(prompt => prompt.Count), Model.TokensToRun))
        {
            using var run = Read(some, cancellation);
            yield return run;
        }
    }

    /// <summary>Batches to learn from, epoch after epoch, without end: they depend on the seed and the prompts alone.</summary>
    /// <param name="tokens">Positions that a batch reads, at least.</param>
    /// <returns>The prompts of each batch.</returns>
    public IEnumerable<IReadOnlyList<Prompt>> Batches(int tokens)
    {
        for (var epoch = 1; ; epoch++)
        {
            foreach (var batch in Batches(Training.OrderBy(prompt => Key(prompt, epoch), StringComparer.Ordinal), tokens))
            {
                yield return batch;
            }
        }
    }

    /// <summary>The residuals of one batch.</summary>
    /// <param name="prompts">The batch.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The run, of the positions that the options name; the caller disposes it.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public SourceRun Read(IReadOnlyList<Prompt> prompts, CancellationToken cancellation = default) => SourceRun.Read(
        Model, prompts, [.. prompts.SelectMany((prompt, i) => PositionsOf(prompt).Select(position => new Place(i, position)))], cancellation);

    private IEnumerable<IReadOnlyList<Prompt>> Batches(IEnumerable<Prompt> prompts, int tokens)
    {
        var (batch, held) = (new List<Prompt>(), 0);
        foreach (var prompt in prompts)
        {
            batch.Add(prompt);
            held += Math.Min(prompt.Count, _options.PerPrompt ?? int.MaxValue);
            if (held >= tokens)
            {
                yield return batch;
                (batch, held) = ([], 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    // A BOS alone is one residual for all prompts.
    private IEnumerable<int> PositionsOf(Prompt prompt)
    {
        if (_options.PerPrompt is { } count)
        {
            var drawn = SourcePositions.Choose(PositionRule.Random, [prompt], 1, 1, _options.Seed, count);
            return Enumerable.Range(0, drawn.CountOf(0)).Select(draw => drawn[0, 0, 0, draw]);
        }

        var first = prompt.HasBos && prompt.Count > 1 ? 1 : 0;
        return Enumerable.Range(first, prompt.Count - first);
    }

    private string Key(Prompt prompt, int epoch)
    {
        var bytes = new byte[sizeof(long) + (sizeof(int) * (prompt.Count + 1))];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _options.Seed);
        foreach (var (place, number) in prompt.Ids.Prepend(epoch).Index())
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(long) + (sizeof(int) * place)), number);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>How the data of a fit is split and read.</summary>
public sealed record FitDataOptions
{
    /// <summary>Share of the prompts that is held out. Default: 0.2.</summary>
    public double HeldOut { get; init; } = 0.2;

    /// <summary>Random positions of each prompt, as in a sweep. Default: null, all of them but a BOS that was put in front.</summary>
    public int? PerPrompt { get; init; }

    /// <summary>Decides split, positions and order. Default: 42.</summary>
    public long Seed { get; init; } = SourcePositions.DefaultSeed;

    /// <summary>Whether prompts given as text get a BOS. Default: always.</summary>
    public Bos Bos { get; init; } = Bos.Always;
}

/// <summary>Something cannot be fitted, or what was fitted does not fit here.</summary>
/// <param name="message">What, expected, got, where.</param>
/// <param name="inner">What caused it.</param>
public sealed class FitException(string message, Exception? inner = null) : LogitscopeException(message, inner);
