namespace Logitscope.World;

/// <summary>Foretells text token by token: a language model, or a baseline beside it.</summary>
internal interface ITokenPredictor
{
    /// <summary>Foretells every token of each sequence but the first, from those before it.</summary>
    /// <param name="sequences">Token ids, BOS first; at least two each.</param>
    /// <returns>For each sequence, one guess a token from the second on.</returns>
    IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences);
}

/// <summary>What was said of one token before it was seen.</summary>
/// <param name="Top1">The most probable token.</param>
/// <param name="Surprisal">-ln of the probability that the token itself was given, in nats.</param>
internal readonly record struct TokenGuess(int Top1, double Surprisal);

/// <summary>A language model as a predictor.</summary>
/// <param name="model">The model.</param>
internal sealed class ModelPredictor(LanguageModel model) : ITokenPredictor
{
    private const int TokensInBatch = 4096;

    /// <inheritdoc/>
    /// <exception cref="ModelException">A sequence exceeds the context.</exception>
    public IReadOnlyList<IReadOnlyList<TokenGuess>> Predict(IReadOnlyList<IReadOnlyList<int>> sequences)
    {
        // Of like length together, so that little of a batch is padding.
        var guesses = new IReadOnlyList<TokenGuess>[sequences.Count];
        var rest = Enumerable.Range(0, sequences.Count).OrderBy(i => sequences[i].Count).ToArray().AsSpan();
        while (rest.Length > 0)
        {
            var count = 1;
            while (count < rest.Length && (count + 1) * sequences[rest[count]].Count <= TokensInBatch)
            {
                count++;
            }

            var batch = rest[..count].ToArray();
            foreach (var (i, found) in batch.Zip(PredictBatch([.. batch.Select(i => sequences[i])])))
            {
                guesses[i] = found;
            }

            rest = rest[count..];
        }

        return guesses;
    }

    private IEnumerable<IReadOnlyList<TokenGuess>> PredictBatch(IReadOnlyList<IReadOnlyList<int>> rows)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var ids = rows.Select(model.Tokenizer.FromIds).ToArray().ToTensor(); // [batch, position]
        var length = ids.size(1) - 1;
        var logits = model.Forward(ids.narrow(1, 0, length)).Logits.reshape(-1, model.VocabularySize);
        var top = Distributions.Top1(logits).data<long>().ToArray();
        var targets = ids.narrow(1, 1, length).reshape(-1).to(logits.device);
        var surprisals = Distributions.Surprisal(Distributions.LogProbabilities(logits), targets)
            .to(float64).data<double>().ToArray();
        return
        [
            .. rows.Select((row, r) => Enumerable.Range((int)(r * length), row.Count - 1)
                .Select(i => new TokenGuess((int)top[i], surprisals[i])).ToArray()),
        ];
    }
}
