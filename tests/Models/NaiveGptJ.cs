using static TorchSharp.torch;

namespace Logitscope.Tests.Models;

/// <summary>GPT-J one position, one head and one key at a time, with a mask of one's own.</summary>
/// <param name="model">Gives weights, in float64, and sizes.</param>
/// <param name="sees">Whether (layer, head, query, key) is an edge, of those that are not in the future.</param>
internal sealed class NaiveGptJ(LanguageModel model, Func<int, int, int, int, bool> sees)
{
    private readonly GptJConfig _config = (GptJConfig)model.Config;

    /// <summary>Logits <c>[position, vocab]</c>.</summary>
    public Tensor Run(int[] ids)
    {
        Tensor[] stream = [.. ids.Select(id => W("transformer.wte.weight")[id])];
        for (var layer = 0; layer < _config.NLayer; layer++)
        {
            var name = $"transformer.h.{layer}";
            Tensor[] normal = [.. stream.Select(residual => Norm($"{name}.ln_1", residual))];
            Tensor[] attended = [.. stream.Select((_, query) => W($"{name}.attn.out_proj.weight").mv(
                cat([.. Enumerable.Range(0, _config.NHead).Select(head => Head(layer, head, query, normal))])))];
            stream = [.. stream.Select((residual, at) => residual + attended[at] + Mlp(name, normal[at]))];
        }

        return stack([.. stream.Select(residual => W("lm_head.weight").mv(Norm("transformer.ln_f", residual)) + W("lm_head.bias"))]);
    }

    private Tensor Head(int layer, int head, int query, Tensor[] normal)
    {
        int[] keys = [.. Enumerable.Range(0, query + 1).Where(key => sees(layer, head, query, key))];
        var asked = Turned(Part("q_proj", query), query);
        double[] powers = [.. keys.Select(key => Math.Exp((asked * Turned(Part("k_proj", key), key)).sum().item<double>() / Math.Sqrt(_config.HeadDim)))];
        var mixed = zeros([_config.HeadDim], float64);
        foreach (var (i, key) in keys.Index())
        {
            mixed += Part("v_proj", key) * (powers[i] / powers.Sum());
        }

        return mixed;

        Tensor Part(string projection, int position) =>
            W($"transformer.h.{layer}.attn.{projection}.weight").narrow(0, head * _config.HeadDim, _config.HeadDim).mv(normal[position]);
    }

    private Tensor Turned(Tensor head, int position)
    {
        var turned = head.clone();
        for (var pair = 0; pair < _config.RotaryDim / 2; pair++)
        {
            var angle = position / Math.Pow(10000, 2.0 * pair / _config.RotaryDim);
            var (even, odd) = (head[2 * pair], head[(2 * pair) + 1]);
            turned[2 * pair] = (even * Math.Cos(angle)) - (odd * Math.Sin(angle));
            turned[(2 * pair) + 1] = (odd * Math.Cos(angle)) + (even * Math.Sin(angle));
        }

        return turned;
    }

    private Tensor Mlp(string name, Tensor normal)
    {
        var x = W($"{name}.mlp.fc_in.weight").mv(normal) + W($"{name}.mlp.fc_in.bias");
        var opened = x * 0.5 * (((x + (x.pow(3) * 0.044715)) * Math.Sqrt(2 / Math.PI)).tanh() + 1);
        return W($"{name}.mlp.fc_out.weight").mv(opened) + W($"{name}.mlp.fc_out.bias");
    }

    private Tensor Norm(string name, Tensor residual)
    {
        var centred = residual - residual.mean();
        return (centred / ((centred * centred).mean() + _config.LayerNormEpsilon).sqrt() * W($"{name}.weight")) + W($"{name}.bias");
    }

    private Tensor W(string name) => model.Weights[name];
}
