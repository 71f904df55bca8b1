namespace Logitscope;

/// <summary>A technique at every layer and position of a prompt.</summary>
public static class Lens
{
    internal const int Shown = 5;

    /// <summary>The logit lens of a text; a BOS is put in front.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <returns>One cell a layer and position.</returns>
    /// <exception cref="LogitscopeException">The text cannot be encoded, or exceeds the context.</exception>
    public static LensResult LogitLens(this LanguageModel model, string text) => model.LogitLens(model.Encode(text));

    /// <summary>The logit lens of a prompt: <c>softmax(W_U ln_f(h_l))</c> for every layer l.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <returns>One cell a layer and position.</returns>
    /// <exception cref="LogitscopeException">The prompt exceeds the context.</exception>
    public static LensResult LogitLens(this LanguageModel model, Prompt prompt) =>
        model.Read(prompt, NextTokenTechnique.LogitLens);

    /// <summary>What a technique reads from every residual of a text; a BOS is put in front.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">The text.</param>
    /// <param name="technique">How to read.</param>
    /// <returns>One cell a layer and position.</returns>
    /// <exception cref="LogitscopeException">The text cannot be encoded, or exceeds the context.</exception>
    public static LensResult Read(this LanguageModel model, string text, NextTokenTechnique technique) =>
        model.Read(model.Encode(text), technique);

    /// <summary>What a technique reads from every residual of a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="technique">How to read.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>One cell a layer and position.</returns>
    /// <exception cref="LogitscopeException">The prompt exceeds the context, or the technique does not fit the model.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LensResult Read(
        this LanguageModel model, Prompt prompt, NextTokenTechnique technique, CancellationToken cancellation = default)
    {
        var cells = new List<LensCell>();
        model.ReadLayers(prompt, technique, (layer, logits) => cells.AddRange(Enumerable.Range(0, prompt.Count).Select(position =>
        {
            var next = NextTokenDistribution.Of(
                logits.select(0, position), prompt.Tokenizer, $"{technique.Name} at layer {layer}, position {position}");
            return new LensCell(layer, position, next.Top(Shown), next.Entropy);
        })), cancellation);
        return new LensResult(technique.Name, prompt, cells);
    }

    /// <summary>The same as logits: <paramref name="read"/> gets each layer and its <c>[position, vocab]</c>, which live as long as the call.</summary>
    internal static void ReadLayers(
        this LanguageModel model, Prompt prompt, NextTokenTechnique technique, Action<int, Tensor> read, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var reader = new NextTokenReader(model);
        technique = technique.WithBos(prompt.Bos ?? Bos.Always);
        var positions = Enumerable.Range(0, prompt.Count).ToArray();
        using var source = SourceRun.Read(model, [prompt], [.. positions.Select(p => new Place(0, p))], cancellation, NextTokenReader.SitesOf(model, technique));
        var everywhere = Enumerable.Repeat(positions, model.Layers).ToArray();
        var last = reader.Read(technique, source, [prompt], everywhere, cancellation);
        var target = reader.TargetOf(technique);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var one = NewDisposeScope();
            read(layer, target.Unembed(last.narrow(0, (long)layer * prompt.Count, prompt.Count)));
        }
    }
}

/// <summary>A technique over a whole prompt: what it reads from every layer at every position.</summary>
/// <param name="Method">The technique's name.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Cells">One a layer and position.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource), PreferredMimeTypes = ["text/html", "text/plain"])]
public sealed record LensResult(string Method, Prompt Prompt, IReadOnlyList<LensCell> Cells) : IDisplay
{
    /// <summary>The heat map, layers over positions: colour is the probability of the top token, text the token.</summary>
    /// <returns>The figure.</returns>
    public ChartFigure Chart() => TokenHeatMap.Draw(
        [.. Prompt.Tokens.Select(token => token.Text)],
        Cells.Select(cell => new TokenReading(cell.Layer, cell.Position, cell.Top.ToPrediction(cell.Entropy))),
        title: $"{Method}: what each layer would say next");

    /// <summary>The top token of every cell, the last layer first.</summary>
    /// <returns>One row a layer, one column a position.</returns>
    public Table ToTable() => new(
        ["layer", .. Prompt.Tokens.Select(token => token.Text)],
        [
            .. Cells.GroupBy(cell => cell.Layer).OrderByDescending(layer => layer.Key).Select(layer =>
                (IReadOnlyList<object?>)[layer.Key, .. layer.OrderBy(cell => cell.Position).Select(cell => cell.Top[0].Token)]),
        ]);

    /// <summary>What every layer would say next at one token.</summary>
    /// <param name="position">The token, BOS counted; <c>^1</c> is the last.</param>
    /// <param name="top">How many candidates; a lens keeps up to five.</param>
    /// <returns>One row a layer, the last layer first.</returns>
    /// <exception cref="PositionException">The prompt has no such position.</exception>
    /// <exception cref="LogitscopeException">More candidates than a lens keeps, or none.</exception>
    public Table At(Index position, int top = Lens.Shown)
    {
        if (top is < 1 or > Lens.Shown)
        {
            throw new LogitscopeException($"candidates of a lens: expected 1 to {Lens.Shown}, got {top}");
        }

        var place = Prompt.ResolvePosition(position);
        var cells = Cells.Where(cell => cell.Position == place).OrderByDescending(cell => cell.Layer);
        var candidates = Enumerable.Range(0, Math.Min(top, Cells[0].Top.Count)).Select(rank => (
            $"top {rank + 1}", (Func<LensCell, object?>)(cell => $"{cell.Top[rank].Token} {Numbers.Short(cell.Top[rank].Probability)}")));
        return Table.Of(cells, [("layer", cell => cell.Layer), .. candidates, ("entropy (nats)", cell => cell.Entropy)]) with
        {
            Title = $"{Method} at position {place}, {Prompt.Tokens[place].Text}",
        };
    }

    /// <inheritdoc cref="At(Index, int)" path="/summary|/returns|/exception"/>
    /// <param name="position">The token, BOS counted; -1 is the last.</param>
    /// <param name="top">How many candidates; a lens keeps up to five.</param>
    public Table At(int position, int top = Lens.Shown) => At(Prompt.Signed(position), top);

    /// <inheritdoc/>
    public string ToHtml() => Chart().ToHtml();

    /// <inheritdoc/>
    public string ToText() => ToTable().ToText();
}

/// <summary>What a lens reads at one layer and position.</summary>
/// <param name="Layer">0-based block; its resid_post is read.</param>
/// <param name="Position">0-based, BOS counted.</param>
/// <param name="Top">The most probable tokens, most probable first.</param>
/// <param name="Entropy">Of the whole distribution, in nats.</param>
public sealed record LensCell(int Layer, int Position, IReadOnlyList<TokenProbability> Top, double Entropy);
