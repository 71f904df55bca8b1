namespace Logitscope;

/// <summary>A next-token distribution, in .NET numbers.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed class NextTokenDistribution : IDisplay
{
    private readonly double[] _logProbabilities;
    private readonly ModelTokenizer _tokenizer;

    /// <summary>Takes a distribution out of a tensor.</summary>
    /// <param name="logits"><c>[vocab]</c>.</param>
    /// <param name="tokenizer">Shows the tokens.</param>
    /// <exception cref="NonFiniteException">Logits that are no distribution.</exception>
    /// <exception cref="PatchException">Logits of another shape.</exception>
    public NextTokenDistribution(Tensor logits, ModelTokenizer tokenizer)
    {
        if (logits.IsInvalid || logits.Dimensions != 1 || !logits.is_floating_point())
        {
            throw new PatchException($"logits: expected floating-point numbers [vocab], got {TorchRuntime.Describe(logits)}");
        }

        using var scope = NewDisposeScope();
        Distributions.RequireFinite(logits.max().reshape(1));
        _logProbabilities = Distributions.LogProbabilities(logits).to(float64, CPU).contiguous().data<double>().ToArray();
        _tokenizer = tokenizer;
    }

    /// <summary>A distribution of a known origin.</summary>
    /// <param name="logits"><c>[vocab]</c>.</param>
    /// <param name="tokenizer">Shows the tokens.</param>
    /// <param name="where">What has these logits.</param>
    /// <exception cref="PatchException">Logits that are no distribution.</exception>
    internal static NextTokenDistribution Of(Tensor logits, ModelTokenizer tokenizer, string where)
    {
        try
        {
            return new(logits, tokenizer);
        }
        catch (NonFiniteException error)
        {
            throw new PatchException($"logits of {where}: expected finite numbers, got {error.Number}");
        }
    }

    /// <summary>Natural logarithms of the probabilities, by token id.</summary>
    public IReadOnlyList<double> LogProbabilities => _logProbabilities;

    /// <summary>The entropy, in nats.</summary>
    public double Entropy => -_logProbabilities.Where(double.IsFinite).Sum(l => Math.Exp(l) * l);

    /// <summary>The ten most probable tokens.</summary>
    public Table ToTable() => Top(10).ToTable() with { Title = $"next token, entropy {Numbers.Short(Entropy)} nats" };

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();

    /// <summary>The most probable tokens, most probable first; of equals, the lower id.</summary>
    /// <param name="count">How many.</param>
    /// <returns>At most as many as the vocabulary has.</returns>
    public IReadOnlyList<TokenProbability> Top(int count)
    {
        var ranked = Ranked(Math.Min(count, _logProbabilities.Length) + 1);
        return
        [
            .. ranked.Take(count).Select((id, i) => new TokenProbability(
                id,
                _tokenizer.TokenText(id),
                Math.Exp(_logProbabilities[id]),
                i + 1 < ranked.Length ? Lead(_logProbabilities[id], _logProbabilities[ranked[i + 1]]) : double.PositiveInfinity)),
        ];
    }

    // Neither of two masked tokens leads.
    private static double Lead(double first, double second) => first == second ? 0 : first - second;

    // A heap of the best so far: sorting a vocabulary of 50,000 for every cell of a heat map takes seconds.
    private int[] Ranked(int count)
    {
        var best = new PriorityQueue<int, (double LogProbability, int Id)>();
        for (var id = 0; id < _logProbabilities.Length; id++)
        {
            var rank = (_logProbabilities[id], -id);
            if (best.Count < count)
            {
                best.Enqueue(id, rank);
            }
            else
            {
                best.EnqueueDequeue(id, rank);
            }
        }

        var ranked = new int[best.Count];
        for (var place = ranked.Length - 1; place >= 0; place--)
        {
            ranked[place] = best.Dequeue();
        }

        return ranked;
    }
}

/// <summary>One candidate for the next token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Token">How it is shown.</param>
/// <param name="Probability">From 0 to 1.</param>
/// <param name="Margin">Its lead over the next candidate, in nats.</param>
public sealed record TokenProbability(int Id, string Token, double Probability, double Margin);

/// <summary>Candidates for charts and tables.</summary>
internal static class TokenProbabilities
{
    /// <summary>The content of a heat map's cell.</summary>
    public static Prediction ToPrediction(this IEnumerable<TokenProbability> top, double entropy) =>
        new([.. top.Select(candidate => new Candidate(candidate.Token, candidate.Probability))], entropy);

    /// <summary>The candidates as a table.</summary>
    public static Table ToTable(this IEnumerable<TokenProbability> top) => Table.Of(
        top,
        ("token", candidate => candidate.Token),
        ("id", candidate => candidate.Id),
        ("probability", candidate => candidate.Probability),
        ("margin (nats)", candidate => candidate.Margin));
}
