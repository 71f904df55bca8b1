namespace Logitscope;

/// <summary>
/// A lens as a Patchscope, as the reference and the paper's table have it: <c>T = S, i* = i, l* = L</c>, the mapped residual
/// replaces the last block's output of the source's own run. The same numbers as the lens, at the price of a forward pass.
/// </summary>
/// <param name="Lens">A technique that reads directly.</param>
public sealed record LensPatchscope(NextTokenTechnique Lens) : NextTokenTechnique
{
    /// <inheritdoc/>
    public override string Name => $"{Lens.Name}-patchscope";

    /// <inheritdoc/>
    public override int Ahead => Lens.Ahead;

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => Lens.ReadingOf(model, layer) is Reading.Direct direct
        ? new Reading.InSource(model.Layers - 1) { Mapping = direct.Mapping }
        : throw new LogitscopeException($"{Name}: expected a technique that reads directly, got {Lens.Name}");
}
