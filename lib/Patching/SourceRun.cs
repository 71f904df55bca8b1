using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Patching;

/// <summary>
/// The residuals of many tokens at every layer, from one pass over their prompts, which ends at the last token read:
/// later ones cannot matter.
/// </summary>
public sealed class SourceRun : IDisposable
{
    private readonly Tensor[] _residuals; // [places, hidden]: the embedding, then each block's output

    private readonly LanguageModel _model;

    private SourceRun(LanguageModel model, IReadOnlyList<Place> places, Tensor[] residuals) =>
        (_model, Places, _residuals) = (model, places, residuals);

    /// <summary>The tokens that were read.</summary>
    public IReadOnlyList<Place> Places { get; }

    /// <summary>Runs the source model once over each prompt.</summary>
    /// <param name="model">The source model M.</param>
    /// <param name="prompts">The source prompts S; those of like length waste least.</param>
    /// <param name="places">The tokens to read; at least one.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The residuals, in the order of the places.</returns>
    /// <exception cref="ModelException">A prompt exceeds the context, or the model was disposed.</exception>
    /// <exception cref="PatchException">There is no place, or one is of no prompt.</exception>
    /// <exception cref="PositionException">A prompt has no such position.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SourceRun Read(
        LanguageModel model,
        IReadOnlyList<Prompt> prompts,
        IReadOnlyList<Place> places,
        CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        places = Checked(prompts, places);
        var length = places.Max(place => place.Position) + 1;
        model.CheckLength(length);
        var ids = prompts.ToTensor().narrow(1, 0, length);
        var together = PromptsTogether(model, length);
        var groups = places.Index().GroupBy(place => place.Item.Prompt / together).ToArray();
        var residuals = Enumerable.Range(0, model.Layers + 1)
            .Select(_ => empty([places.Count, model.HiddenSize], model.Dtype, model.Device)).ToArray();
        var read = 0;
        foreach (var group in groups)
        {
            using var pass = NewDisposeScope();
            var first = group.Key * together;
            var some = ids.narrow(0, first, Math.Min(together, prompts.Count - first));
            model.CheckIds(some);
            long[] rows = [.. group.Select(place => ((place.Item.Prompt - (long)first) * length) + place.Item.Position)];
            var into = residuals.Select(residual => residual.narrow(0, read, rows.Length)).ToArray();
            Climb(model, some.to(model.Device), tensor(rows, device: model.Device), into, cancellation);
            read += rows.Length;
        }

        var back = new long[places.Count];
        foreach (var (row, place) in groups.SelectMany(group => group).Index())
        {
            back[place.Index] = row;
        }

        var order = tensor(back, device: model.Device);
        return new SourceRun(model, places, [.. residuals.Select(kept => kept.index_select(0, order).DetachFromDisposeScope())]);
    }

    /// <summary>How many prompts go through a block together.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="length">Tokens of the longest, as far as it is read.</param>
    /// <returns>At least one.</returns>
    internal static int PromptsTogether(LanguageModel model, int length) => Math.Max(1, model.TokensToRun / length);

    /// <summary>The residuals of one layer.</summary>
    /// <param name="hook">The layer, and whether its input or its output.</param>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    /// <exception cref="ModelException">The model has no such layer, or no residual there.</exception>
    public Tensor At(Hook hook)
    {
        _model.CheckLayer(hook.Layer);
        return hook.Site switch
        {
            Site.ResidPre => _residuals[hook.Layer],
            Site.ResidPost => _residuals[hook.Layer + 1],
            _ => throw new ModelException($"{hook}: expected resid_pre or resid_post, which a source run keeps"),
        };
    }

    /// <summary>The last block's output, from which the model itself predicts.</summary>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    public Tensor Last() => _residuals[^1];

    /// <summary>Frees the residuals.</summary>
    public void Dispose() => Array.ForEach(_residuals, residual => residual.Dispose());

    // Counted from the start; a prompt's own length decides, not that of the longest beside it.
    private static Place[] Checked(IReadOnlyList<Prompt> prompts, IReadOnlyList<Place> places)
    {
        if (places.Count == 0)
        {
            throw new PatchException("places: expected at least one, got none");
        }

        return
        [
            .. places.Select(place => place.Prompt >= 0 && place.Prompt < prompts.Count
                ? place with { Position = prompts[place.Prompt].ResolvePosition(place.Position) }
                : throw new PatchException($"a place: expected one of {prompts.Count} prompts, got number {place.Prompt}")),
        ];
    }

    // One pass up the layers: of the embedding and of each block's output, the rows of the flattened [prompt, position]. They
    // go into memory that is there already: small tensors made between a block's large ones would hold the heap apart.
    private static void Climb(LanguageModel model, Tensor ids, Tensor rows, Tensor[] into, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var residual = model.Embed(ids, past: 0);
        Keep(0);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var below = residual;
            residual = model.RunBlock(layer, below, cache: null).MoveToOuterDisposeScope();
            below.Dispose();
            Keep(layer + 1);
        }

        void Keep(int i) => into[i].copy_(residual.reshape(-1, model.HiddenSize).index_select(0, rows));
    }
}

/// <summary>A token of one of several prompts.</summary>
/// <param name="Prompt">The 0-based number of the prompt.</param>
/// <param name="Position">0-based, BOS counted; a negative one counts from the end of the prompt.</param>
public readonly record struct Place(int Prompt, int Position);
