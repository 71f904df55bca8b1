namespace Logitscope;

/// <summary>Continues a prompt token by token, on a KV cache.</summary>
public static class Generation
{
    /// <summary>Continues a text.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text; a BOS is put in front.</param>
    /// <param name="options">How far and how. Where they name no other <see cref="GenerationOptions.StopId"/>, the tokenizer's end of text stops.</param>
    /// <returns>What comes after the text.</returns>
    /// <exception cref="LogitscopeException">The text cannot be encoded, it and the new tokens exceed the context, or an edit lies outside.</exception>
    public static string Generate(this LanguageModel model, string text, GenerationOptions? options = null)
    {
        options ??= new();
        return model.Tokenizer.Words(
            model.Generate(model.Encode(text).Ids, options with { StopId = options.StopId ?? model.Tokenizer.EosId }));
    }

    /// <summary>A continuation as a text: without its end, and without ids that the tokenizer does not know.</summary>
    internal static string Words(this ModelTokenizer tokenizer, IEnumerable<int> generated) =>
        tokenizer.Decode(generated.Where(id => id != tokenizer.EosId && id < tokenizer.VocabularySize));

    /// <summary>Continues a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="options">How far and how.</param>
    /// <returns>The new ids. The end-of-text token, where it stops the text, is the last of them.</returns>
    /// <exception cref="ModelException">Prompt and new tokens exceed the context, or an edit lies outside.</exception>
    public static IReadOnlyList<int> Generate(this LanguageModel model, IReadOnlyList<int> ids, GenerationOptions options)
    {
        if (ids.Count == 0)
        {
            throw new ModelException("a prompt: expected at least one id, got none");
        }

        using var scope = NewDisposeScope();
        using var cache = new KeyValueCache();
        var prompt = tensor([.. ids.Select(id => (long)id)], [1, ids.Count]);
        var edits = options.EditsOf(model, ids.Count);
        var first = model.Forward(
            prompt, new() { Cache = cache, Edits = Falling(edits, 0, ids.Count), Logits = LogitsOf.LastPosition });
        return model.Continue(cache, first.Logits.reshape(-1), options with { Edits = edits });
    }

    /// <summary>Continues a sequence whose tokens are in a cache; edits change what is new.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cache">The sequence so far; grows by what is generated.</param>
    /// <param name="logits">Of the sequence's last token, <c>[vocab]</c>.</param>
    /// <param name="options">How far and how.</param>
    /// <returns>The new ids.</returns>
    /// <exception cref="ModelException">The new tokens exceed the context, or an option is outside its range.</exception>
    /// <exception cref="NonFiniteException">The logits given are no distribution.</exception>
    public static IReadOnlyList<int> Continue(
        this LanguageModel model, KeyValueCache cache, Tensor logits, GenerationOptions options)
    {
        LanguageModel.CheckResiduals(logits, "logits of the last token", [model.VocabularySize]);
        var room = model.ContextLength - cache.Length;
        if (options.MaxNewTokens < 0 || options.MaxNewTokens > room)
        {
            throw new ModelException($"new tokens: expected 0 to {room} after {cache.Length}, got {options.MaxNewTokens}");
        }

        if (!(options.Temperature >= 0 && double.IsFinite(options.Temperature)) || options.TopK < 1)
        {
            throw new ModelException(
                $"sampling: expected a temperature from 0 and a k from 1, got {options.Temperature} and {options.TopK}");
        }

        using var scope = NewDisposeScope();
        var edits = options.EditsOf(model, cache.Length);
        var sampler = new Sampler(options);
        var generated = new List<int>();
        for (var last = logits; generated.Count < options.MaxNewTokens;)
        {
            using var step = NewDisposeScope();
            var next = sampler.Pick(last);
            generated.Add(next);
            if (next == options.StopId || generated.Count == options.MaxNewTokens)
            {
                break;
            }

            var falling = Falling(edits, cache.Length, cache.Length + 1);
            var run = model.Forward(
                tensor([(long)next], [1, 1]), new() { Cache = cache, Edits = falling, Logits = LogitsOf.LastPosition });
            last = run.Logits.reshape(-1).MoveToOuterDisposeScope();
        }

        return generated;
    }

    private static Edit[] Falling(IReadOnlyList<Edit> edits, int past, int end) =>
        [.. edits.Select(edit => edit.Within(past, end)).OfType<Edit>()];
}

/// <summary>How far and how a text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>At most so many tokens. The default is 20, the paper's length.</summary>
    public int MaxNewTokens { get; init; } = 20;

    /// <summary>0, the default, takes the most probable token; 1 samples the model's distribution.</summary>
    public double Temperature { get; init; }

    /// <summary>Samples among the k most probable tokens only; all by default.</summary>
    public int? TopK { get; init; }

    /// <summary>Starts the sampling; the same seed gives the same text.</summary>
    public long Seed { get; init; }

    /// <summary>The token after which nothing more is generated; none by default.</summary>
    public int? StopId { get; init; }

    /// <summary>
    /// Changes to the model, in the prompt and in every new token. One that names positions, counted from the start or, as
    /// <c>^1</c>, from the end of the prompt, changes these tokens once, when they are run.
    /// </summary>
    /// <example><c>Edits = [Edit.Add(new(4, Site.ResidPost), direction)]</c> steers.</example>
    public IReadOnlyList<Edit> Edits { get; init; } = [];

    // Counted from the start, so that they mean the same tokens in every step.
    internal IReadOnlyList<Edit> EditsOf(LanguageModel model, int prompt) =>
        [.. Edits.Select(edit => edit.Resolve(model, 0, prompt, prompt + Math.Max(0, MaxNewTokens)))];
}

/// <summary>Picks the next token of a distribution.</summary>
/// <param name="options">Temperature, k and seed.</param>
internal sealed class Sampler(GenerationOptions options)
{
    private ulong _state = unchecked((ulong)options.Seed);

    /// <summary>The next id from logits <c>[vocab]</c>.</summary>
    public int Pick(Tensor logits)
    {
        using var scope = NewDisposeScope();
        Distributions.RequireFinite(logits.amax([-1]).reshape(-1));
        if (options.Temperature == 0)
        {
            return (int)logits.argmax(0).ToInt64();
        }

        var k = Math.Min(options.TopK ?? int.MaxValue, (int)logits.size(0));
        var (values, indices) = logits.to(float64).topk(k);
        var probabilities = nn.functional.softmax(values / options.Temperature, 0).data<double>().ToArray();
        var left = Uniform();
        var chosen = 0;
        while (chosen < k - 1 && (left -= probabilities[chosen]) >= 0)
        {
            chosen++;
        }

        return (int)indices.select(0, chosen).ToInt64();
    }

    // SplitMix64: System.Random's sequence is no promise across .NET versions.
    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
