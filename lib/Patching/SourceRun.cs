using Logitscope.Models;
using Logitscope.Tokenizers;

namespace Logitscope.Patching;

/// <summary>
/// The residuals of many tokens at every layer, from one pass over their prompts, which ends at the last token read:
/// later ones cannot matter.
/// </summary>
public sealed class SourceRun : IDisposable
{
    private readonly List<Tensor> _residuals = []; // [places, hidden]: the embedding, then each block's output

    private SourceRun(IReadOnlyList<Place> places) => Places = places;

    /// <summary>The tokens that were read.</summary>
    public IReadOnlyList<Place> Places { get; }

    /// <summary>Runs the source model once.</summary>
    /// <param name="model">The source model M.</param>
    /// <param name="prompts">The source prompts S; those of like length waste least.</param>
    /// <param name="places">The tokens to read; at least one.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    /// <returns>The residuals, in the order of the places.</returns>
    /// <exception cref="ModelException">A prompt exceeds the context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SourceRun Read(
        LanguageModel model,
        IReadOnlyList<Prompt> prompts,
        IReadOnlyList<Place> places,
        CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var length = places.Max(place => place.Position) + 1;
        var ids = prompts.ToTensor().narrow(1, 0, length).to(model.Device);
        model.CheckLength(length);
        var flat = tensor([.. places.Select(place => ((long)place.Prompt * length) + place.Position)], device: model.Device);

        var run = new SourceRun(places);
        var residual = model.Embed(ids, past: 0);
        Keep();
        for (var layer = 0; layer < model.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var below = residual;
            residual = model.RunBlock(layer, below, cache: null).MoveToOuterDisposeScope();
            below.Dispose();
            Keep();
        }

        return run;

        void Keep() => run._residuals.Add(
            residual.reshape(-1, model.HiddenSize).index_select(0, flat).DetachFromDisposeScope());
    }

    /// <summary>The residuals of one layer.</summary>
    /// <param name="hook">The layer, and whether its input or its output.</param>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    public Tensor At(Hook hook) => _residuals[hook.Site == Site.ResidPost ? hook.Layer + 1 : hook.Layer];

    /// <summary>The last block's output, from which the model itself predicts.</summary>
    /// <returns><c>[places, hidden]</c>; it lives as long as the run.</returns>
    public Tensor Last() => _residuals[^1];

    /// <summary>Frees the residuals.</summary>
    public void Dispose() => _residuals.ForEach(residual => residual.Dispose());
}
