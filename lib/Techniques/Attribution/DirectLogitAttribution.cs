namespace Logitscope;

/// <summary>
/// Direct logit attribution: the last residual is the sum of what the embedding, the heads and the MLPs have written, and with the
/// scale of the final norm frozen at that residual, <c>z_t = sum_c W_U[t] (gamma * (c - mean c) / sigma(h)) + beta's part + b_U[t]</c>
/// exactly (RMS norms without the mean). Elhage et al., A Mathematical Framework for Transformer Circuits, 2021.
/// </summary>
public static class DirectLogitAttribution
{
    /// <summary>Attributes a token's logit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="token">The token's id.</param>
    /// <param name="against">Another token's id, whose logit is subtracted; null for none.</param>
    /// <param name="position">Where the model predicts. Default: the last token.</param>
    /// <returns>The parts, whose sum is the logit.</returns>
    /// <exception cref="LogitscopeException">The model's writes are not linear, it has no such token, or the prompt no such position.</exception>
    public static LogitParts AttributeLogit(this LanguageModel model, Prompt prompt, int token, int? against = null, Index? position = null)
    {
        if (!model.WritesAreLinear)
        {
            throw new ModelException(
                $"a logit's parts: expected a model of which they add up, got {model.Architecture}, where a norm stands behind attention "
                + "and MLP or logits are capped");
        }

        foreach (var id in new[] { token, against ?? token })
        {
            if (id < 0 || id >= model.VocabularySize)
            {
                throw new ModelException($"a token: expected 0 to {model.VocabularySize - 1}, got {id}");
            }
        }

        using var scope = NewDisposeScope();
        var place = prompt.ResolvePosition(position ?? ^1);
        var layers = Enumerable.Range(0, model.Layers).ToArray();
        var (embedding, top) = (new Hook(0, Site.ResidPre), new Hook(model.Layers - 1, Site.ResidPost));
        using var run = model.Forward(prompt, new()
        {
            Keep = [embedding, top, .. layers.SelectMany(layer => new Hook[] { new(layer, Site.AttnOut), new(layer, Site.MlpOut) })],
            Gradients = [.. layers.Select(layer => new Hook(layer, Site.HeadOut))],
        });
        var whole = At(top).detach();
        var silent = Logit(zeros_like(whole)).detach(); // the bias of the head
        var parts = new List<LogitPart> { new("embedding", null, null, Of(At(embedding))) };
        foreach (var layer in layers)
        {
            var hook = new Hook(layer, Site.HeadOut);
            var attention = Part(At(new(layer, Site.AttnOut)));
            var slope = run.Gradient(attention)[hook]; // what a head writes is linear in what it has mixed
            var heads = (slope * run[hook]).sum([0, 2, 3]).to(float64, CPU).data<double>().ToArray();
            parts.AddRange(heads.Select((head, number) => new LogitPart($"L{layer}H{number}", layer, number, head)));
            parts.Add(new($"L{layer} attention bias", layer, null, attention.detach().ToDouble() - heads.Sum()));
            parts.Add(new($"L{layer} MLP", layer, null, Of(At(new(layer, Site.MlpOut)))));
        }

        parts.Add(new("final norm's shift and head's bias", null, null, Logit(model.FinalNorm(whole) - model.FrozenNorm(whole, whole)).ToDouble()));
        return new LogitParts(
            prompt, place, model.Tokenizer.TokenText(token), against is { } other ? model.Tokenizer.TokenText(other) : null, parts,
            Logit(model.FinalNorm(whole)).ToDouble());

        Tensor At(Hook hook) => run[hook].select(1, place).squeeze(0); // [hidden]

        Tensor Logit(Tensor normal)
        {
            var logits = model.Head(normal);
            return against is { } id ? logits.select(-1, token) - logits.select(-1, id) : logits.select(-1, token);
        }

        Tensor Part(Tensor component) => Logit(model.FrozenNorm(component, whole)) - silent;

        double Of(Tensor component) => Part(component.detach()).ToDouble();
    }
}

/// <summary>A logit, or the difference of two, as the sum of what has written to it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Position">0-based, BOS counted.</param>
/// <param name="Token">The token.</param>
/// <param name="Against">The token whose logit is subtracted; null for none.</param>
/// <param name="Parts">Embedding, heads, biases and MLPs, from the bottom up.</param>
/// <param name="Logit">The model's own.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record LogitParts(Prompt Prompt, int Position, string Token, string? Against, IReadOnlyList<LogitPart> Parts, double Logit) : IDisplay
{
    /// <summary>The parts, the largest first.</summary>
    /// <returns>One row a part.</returns>
    public Table ToTable() => Table.Of(Parts.OrderByDescending(part => Math.Abs(part.Logit)), ("part", part => part.Name), ("logit", part => part.Logit)) with
    {
        Title = $"{Token}{(Against is null ? "" : $" less {Against}")}: {Logit:F3}",
    };

    /// <inheritdoc/>
    public string ToHtml() => ToTable().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();
}

/// <summary>What one part of the model has written to a logit.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Layer">Its block; null for what is outside of all.</param>
/// <param name="Head">Its head; null for what is none.</param>
/// <param name="Logit">Its part of the logit.</param>
public sealed record LogitPart(string Name, int? Layer, int? Head, double Logit);
