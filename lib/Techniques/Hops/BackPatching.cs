namespace Logitscope;

/// <summary>
/// Back-patching: what a token holds at layer l takes its place at an earlier layer l* of the same run, T = S, i* = i, l* &lt; l, so that the
/// blocks in between work on it twice. Biran et al., arXiv 2406.12775.
/// </summary>
internal static class BackPatching
{
    /// <summary>Its name.</summary>
    public const string Kind = "back-patching";

    /// <summary>Runs every row at every pair of layers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Prompts, and the token of each.</param>
    /// <param name="maxNewTokens">How many tokens are generated.</param>
    /// <param name="meter">Told after each row.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>What was said, and what is said with a random vector of the same length instead.</returns>
    public static BackPatchedRuns Run(
        LanguageModel model, IReadOnlyList<SubjectRow> rows, int maxNewTokens, FitMeter meter, CancellationToken cancellation)
    {
        const ulong seed = 42;
        FeatureCell[] said = Cells(), random = Cells();
        var unpatched = new string[rows.Count];
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed, CPU);
        foreach (var (number, row) in rows.Index())
        {
            using var one = NewDisposeScope();
            using var wavefront = new Wavefront(model, row.Prompt, row.Position);
            using var run = SourceRun.Read(model, [row.Prompt], row.Position, cancellation);
            var patches = said.Select(cell =>
            {
                var own = run.At(new(cell.SourceLayer, Site.ResidPost)); // [1, hidden]
                var noise = randn(own.shape, generator: generator).to(own.dtype, own.device);
                return new LayerPatch(new(cell.TargetLayer, Site.ResidPost), cat([own, noise * (own.norm() / noise.norm())]));
            });
            foreach (var (place, ids) in wavefront.Continue([.. patches], maxNewTokens, model.Tokenizer.EosId, cancellation).Index())
            {
                (place % 2 == 0 ? said : random)[place / 2].Texts[number] = model.Tokenizer.Words(ids);
            }

            unpatched[number] = model.Tokenizer.Words(model.Generate(row.Prompt.Ids, new() { MaxNewTokens = maxNewTokens, StopId = model.Tokenizer.EosId }));
            meter.Add(1);
        }

        return new BackPatchedRuns(new(Kind, rows, said, unpatched), new($"{Kind}, random vector", rows, random, unpatched));

        FeatureCell[] Cells() =>
            [.. from source in Enumerable.Range(0, model.Layers) from target in Enumerable.Range(0, source) select new FeatureCell(source, target, new string[rows.Count])];
    }
}

/// <summary>What back-patching said.</summary>
/// <param name="Said">With the token's own residual of a later layer.</param>
/// <param name="Random">The control: with a random vector as long.</param>
public sealed record BackPatchedRuns(ExtractedFeatures Said, ExtractedFeatures Random);
