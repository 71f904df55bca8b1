namespace Logitscope;

/// <summary>A lens whose map of each layer was fitted: <c>softmax(W_U N(f_l(h_l)))</c>; the last layer is the model's own reading.</summary>
/// <param name="Fitted">The maps.</param>
public sealed record FittedTechnique(FittedLens Fitted) : NextTokenTechnique
{
    /// <summary>What can be fitted.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [TunedLens.Kind, AffineLens.Kind, AffineLens.DoubleNormKind, JumpToConclusions.Kind, JacobianLens.Kind, .. FutureLens.Kinds];

    private const string Suffix = "-patchscope";

    /// <inheritdoc/>
    public override string Name => Fitted.Manifest.Kind;

    /// <summary>Whether a method is fitted.</summary>
    /// <param name="method">Its name, also with <c>-patchscope</c> behind it.</param>
    public static bool IsFitted(string method) => Kinds.Contains(KindOf(method));

    /// <summary>Reads a fitted lens from its folder; a tuned lens also as the tuned-lens package stores it.</summary>
    /// <param name="method">One of <see cref="Kinds"/>; with <c>-patchscope</c> behind it, the lens as a Patchscope.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that it was fitted on.</param>
    /// <returns>The technique.</returns>
    /// <exception cref="FitException">The folder holds something else, or the lens of another model.</exception>
    public static NextTokenTechnique Load(string method, string folder, LanguageModel model)
    {
        var kind = KindOf(method);
        if (!Kinds.Contains(kind))
        {
            throw new FitException($"a fitted method: expected one of {string.Join(", ", Kinds)}, got '{method}'");
        }

        var lens = new FittedTechnique(kind == TunedLens.Kind && TunedLensPackage.IsIn(folder)
            ? TunedLensPackage.Load(folder, model)
            : FittedLens.Load(folder, model, kind));
        return kind == method ? lens : new LensPatchscope(lens);
    }

    /// <inheritdoc/>
    public override int Ahead => Fitted.Manifest.Ahead;

    /// <inheritdoc/>
    public override Reading ReadingOf(LanguageModel model, int layer) => new Reading.Direct { Mapping = Fitted.At(model, layer) };

    private static string KindOf(string method) =>
        method.EndsWith(Suffix, StringComparison.Ordinal) ? method[..^Suffix.Length] : method;
}
