using Logitscope.Models;
using Logitscope.Patching;
using Logitscope.Tokenizers;

namespace Logitscope.Techniques.NextToken;

/// <summary>Lenses over a whole prompt.</summary>
public static class Lens
{
    private const int Shown = 5;

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
    public static LensResult LogitLens(this LanguageModel model, Prompt prompt)
    {
        using var scope = NewDisposeScope();
        Hook[] hooks = [.. Enumerable.Range(0, model.Layers).Select(layer => new Hook(layer, Site.ResidPost))];
        var run = model.Forward(prompt.ToTensor(), new() { Keep = hooks, Logits = LogitsOf.NoPosition });
        return new LensResult(
            prompt, [.. hooks.SelectMany(hook => Read(hook.Layer, model.Unembed(run.Residuals[hook].squeeze(0))))]);

        IEnumerable<LensCell> Read(int layer, Tensor logits) => Enumerable.Range(0, prompt.Count).Select(position =>
        {
            var next = new NextTokenDistribution(logits.select(0, position), prompt.Tokenizer);
            return new LensCell(layer, position, next.Top(Shown), next.Entropy);
        });
    }
}
