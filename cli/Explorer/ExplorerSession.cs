namespace Logitscope.Cli.Explorer;

/// <summary>What the explorer's page asks of a model. One question at a time: a newer one waits until the older has stopped.</summary>
/// <param name="model">The model, which stays the caller's.</param>
/// <param name="fitted">Lenses that were fitted to it, and their folders.</param>
internal sealed class ExplorerSession(LanguageModel model, IReadOnlyList<(NextTokenTechnique Technique, string Folder)> fitted) : IDisposable
{
    /// <summary>The most tokens of a prompt, and of an answer; the most candidates of a cell, and pins of a page.</summary>
    public const int MostTokens = 512, MostNew = 64, Candidates = 5, MostPins = 12;

    private readonly SemaphoreSlim _free = new(1, 1);

    /// <summary>What the page needs before the first question.</summary>
    public object Facts => new
    {
        Name = model.Folder is { } folder ? Path.GetFileName(folder) : model.Architecture,
        model.Architecture,
        model.Layers,
        model.HiddenSize,
        Vocabulary = model.VocabularySize,
        MostTokens = Math.Min(MostTokens, model.ContextLength),
        HasBos = model.Tokenizer.BosId is not null,
        Weights = model.Fingerprint[..12],
        Methods = NextTokenTechnique.All.Select(technique => new { technique.Name, IsPrompt = technique is PromptTechnique, Folder = (string?)null })
            .Concat(fitted.Select(lens => new { lens.Technique.Name, IsPrompt = false, Folder = (string?)Path.GetFullPath(lens.Folder) })),
        Sites = Sites.ByName.Where(site => site.Value.HasHidden() && (site.Value != Site.ResidMid || model.HasResidMid)).Select(site => site.Key),
    };

    /// <summary>A technique at every token and layer.</summary>
    public Task<object> Read(ReadQuestion question, CancellationToken cancellation) => Alone(() =>
    {
        var prompt = PromptOf(question.Prompt);
        var (ids, logs) = (new int[model.Layers][][], new int[model.Layers][][]);
        var entropy = new double[model.Layers][];
        model.ReadLayers(prompt, TechniqueOf(question), (layer, logits) =>
        {
            var log = Distributions.LogProbabilities(logits);
            Distributions.RequireFinite(logits.amax([-1]));
            var (values, indices) = log.topk(Math.Min(Candidates, model.VocabularySize), -1);
            ids[layer] = Rows(indices.cpu().data<long>().ToArray(), prompt.Count, id => (int)id);
            logs[layer] = Rows(values.to(TorchSharp.torch.float64).cpu().data<double>().ToArray(), prompt.Count, Milli);
            entropy[layer] = [.. Distributions.Entropy(log).to(TorchSharp.torch.float64).cpu().data<double>().ToArray().Select(nats => Math.Round(nats, 3))];
        }, cancellation);
        int[] own = [.. model.Forward(prompt).Logits[0].argmax(-1).cpu().data<long>().ToArray().Select(id => (int)id)]; // of another site the last layer does not say it
        var (text, bos) = TextOf(prompt);
        return new
        {
            Text = text,
            Bos = bos,
            Tokens = prompt.Tokens.Select(token => new { token.Id, token.Text }),
            Trailing = question.Prompt.Text?.EndsWith(' ') ?? false,
            Ids = ids,
            MilliNats = logs,
            Entropy = entropy,
            Own = own,
            Words = ids.SelectMany(layer => layer).SelectMany(cell => cell).Concat(own).Distinct().ToDictionary(id => id, model.Tokenizer.TokenText),
        };
    }, cancellation);

    /// <summary>Some tokens, followed through all cells.</summary>
    public Task<object> Pin(PinQuestion question, CancellationToken cancellation) => Alone(() =>
    {
        var prompt = PromptOf(question.Read.Prompt);
        if (question.Pins.Count is 0 or > MostPins || question.Pins.Any(id => id < 0 || id >= model.VocabularySize))
        {
            throw new LogitscopeException($"pins: expected 1 to {MostPins} ids below {model.VocabularySize}, got {string.Join(", ", question.Pins)}");
        }

        var tracks = question.Pins.Select(_ => (Logs: new int[model.Layers][], Ranks: new long[model.Layers][])).ToArray();
        model.ReadLayers(prompt, TechniqueOf(question.Read), (layer, logits) =>
        {
            var log = Distributions.LogProbabilities(logits);
            foreach (var (id, track) in question.Pins.Zip(tracks))
            {
                track.Logs[layer] = [.. log.select(-1, id).to(TorchSharp.torch.float64).cpu().data<double>().ToArray().Select(Milli)];
                track.Ranks[layer] = Distributions.Rank(logits, TorchSharp.torch.full([prompt.Count], id, TorchSharp.torch.int64, model.Device)).cpu().data<long>().ToArray();
            }
        }, cancellation);
        return question.Pins.Zip(tracks, (id, track) => new { Id = id, Text = model.Tokenizer.TokenText(id), MilliNats = track.Logs, track.Ranks });
    }, cancellation);

    /// <summary>One cell's residual in the place of another's.</summary>
    public Task<object> Patch(PatchQuestion question, CancellationToken cancellation) => Alone(() =>
    {
        if (question.NewTokens is < 0 or > MostNew)
        {
            throw new LogitscopeException($"new tokens: expected 0 to {MostNew}, got {question.NewTokens}");
        }

        var target = PromptOf(question.Target.Prompt);
        cancellation.ThrowIfCancellationRequested();
        var scope = new Patchscope(
            new Source(model, PromptOf(question.Source.Prompt), question.Source.Layer, question.Source.Position) { Site = SiteOf(question.Site) },
            new Target(model, target, question.Target.Layer, question.Target.Position) { Site = SiteOf(question.Site), MaxNewTokens = question.NewTokens })
        {
            Mapping = ScaleOf(question.Scale),
        };
        var result = scope.Run();
        var plain = model.Generate(target.Ids, new() { MaxNewTokens = question.NewTokens, StopId = model.Tokenizer.EosId });
        return new
        {
            Next = result.Next.Top(Candidates).Select(top => new { top.Id, top.Token, top.Probability }),
            Plain = new NextTokenDistribution(model.Forward(target, new() { Logits = LogitsOf.LastPosition }).Logits.reshape(-1), model.Tokenizer)
                .Top(Candidates).Select(top => new { top.Id, top.Token, top.Probability }),
            result.Change.Kl,
            Text = result.GeneratedText,
            PlainText = model.Tokenizer.Words(plain),
        };
    }, cancellation);

    public void Dispose() => _free.Dispose();

    private async Task<object> Alone(Func<object> compute, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(
                () =>
                {
                    using var scope = TorchSharp.torch.NewDisposeScope();
                    return compute();
                },
                cancellation).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    private Prompt PromptOf(PromptWords words)
    {
        var prompt = words.Ids is { } ids ? model.FromIds(ids) : model.Encode(words.Text ?? "", words.Bos ? Bos.Always : Bos.Never);
        return prompt.Count >= 1 && prompt.Count <= Math.Min(MostTokens, model.ContextLength)
            ? prompt
            : throw new LogitscopeException($"a prompt: expected 1 to {Math.Min(MostTokens, model.ContextLength)} tokens, got {prompt.Count}");
    }

    // The text that gives exactly these ids, where there is one.
    private (string? Text, bool Bos) TextOf(Prompt prompt)
    {
        bool[] ways = model.Tokenizer.BosId == prompt.Ids[0] ? [true, false] : [false];
        foreach (var bos in ways)
        {
            var text = model.Tokenizer.Decode(prompt.Ids.Skip(bos ? 1 : 0));
            if (model.Encode(text, bos ? Bos.Always : Bos.Never).Ids.SequenceEqual(prompt.Ids))
            {
                return (text, bos);
            }
        }

        return (null, false);
    }

    private NextTokenTechnique TechniqueOf(ReadQuestion question)
    {
        var technique = fitted.FirstOrDefault(lens => lens.Technique.Name == question.Method).Technique ?? NextTokenTechnique.Named(question.Method);
        return ((technique, question.Shift, question.Scale) switch
        {
            (_, 0, 1) => technique,
            (PromptTechnique prompt, var shift, var scale) => prompt with
            {
                TargetLayer = layer => Math.Clamp(prompt.TargetLayer(layer) + shift, 0, model.Layers - 1),
                Mapping = ScaleOf(scale),
            },
            _ => throw new LogitscopeException($"{technique.Name}: expected no layer shift and a scale of 1, got {question.Shift} and {question.Scale}"),
        }).From(SiteOf(question.Site));
    }

    private static Site SiteOf(string name) => Sites.ByName.TryGetValue(name, out var site) && site.HasHidden() ? site
        : throw new LogitscopeException($"a site: expected one as wide as the residual stream, got '{name}'");

    private static Mapping ScaleOf(double scale) => scale == 1 ? Mapping.Identity
        : double.IsFinite(scale) ? Mapping.Of("scale", residual => residual * scale, ("scale", scale))
        : throw new LogitscopeException($"a scale: expected a number, got {scale}");

    // A thousandth of a nat: nothing that is drawn is lost, and early layers keep what a rounded probability would erase.
    private static int Milli(double logProbability) => (int)Math.Round(-1000 * Math.Max(logProbability, -1e6));

    private static TOut[][] Rows<T, TOut>(T[] flat, int rows, Func<T, TOut> of) =>
        [.. flat.Chunk(flat.Length / rows).Select(row => row.Select(of).ToArray())];
}

/// <summary>A prompt as the page has it: exact ids, or a text.</summary>
internal sealed record PromptWords(string? Text = null, IReadOnlyList<int>? Ids = null, bool Bos = true);

/// <summary>Read a prompt by a method at a site; a shift moves its target layer, a scale its residual.</summary>
internal sealed record ReadQuestion(PromptWords Prompt, string Method, int Shift = 0, double Scale = 1, string Site = "resid_post");

/// <summary>Follow tokens.</summary>
internal sealed record PinQuestion(ReadQuestion Read, IReadOnlyList<int> Pins);

/// <summary>A cell.</summary>
internal sealed record CellPlace(PromptWords Prompt, int Layer, int Position);

/// <summary>Patch one cell into another, both at one site, and go on.</summary>
internal sealed record PatchQuestion(CellPlace Source, CellPlace Target, int NewTokens = 12, double Scale = 1, string Site = "resid_post");
