using TorchSharp.Modules;
using static TorchSharp.torch.nn.functional;

namespace Logitscope.Bench;

/// <summary>forward.py line by line on TorchSharp: python3-torch's work on the libtorch that Logitscope runs on.</summary>
internal sealed class PlainGptJ
{
    private readonly GptJConfig _config;
    private readonly IReadOnlyDictionary<string, Tensor> _weights;
    private readonly Tensor _sin, _cos, _hiddenMask;

    public PlainGptJ(LanguageModel model, int tokens)
    {
        (_config, _weights) = ((GptJConfig)model.Config, model.Weights);
        var frequencies = full([1], 10000.0, float32).pow(arange(0, _config.RotaryDim, 2, float32) / _config.RotaryDim);
        var angles = arange(0, tokens, 1, float32).unsqueeze(1) / frequencies;
        (_sin, _cos) = (angles.sin(), angles.cos());
        _hiddenMask = ones([tokens, tokens], ScalarType.Bool).tril().logical_not();
    }

    public Tensor Forward(Tensor ids)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (batch, tokens, count) = (ids.size(0), ids.size(1), _config.NHead);
        var size = _config.NEmbd / count;
        var hidden = _weights["transformer.wte.weight"].index_select(0, ids.reshape(-1)).reshape(batch, tokens, -1);
        for (var layer = 0; layer < _config.NLayer; layer++)
        {
            using var block = NewDisposeScope();
            Tensor Get(string name) => _weights[$"transformer.h.{layer}.{name}"];
            var normed = layer_norm(hidden, [_config.NEmbd], Get("ln_1.weight"), Get("ln_1.bias"), 1e-5);
            var q = Rotate(Split(linear(normed, Get("attn.q_proj.weight"))).to(float32));
            var k = Rotate(Split(linear(normed, Get("attn.k_proj.weight"))).to(float32));
            var v = Split(linear(normed, Get("attn.v_proj.weight")));
            var scores = matmul(q, k.transpose(2, 3)) / Math.Sqrt(size);
            var mixed = matmul(softmax(scores.masked_fill(_hiddenMask, double.NegativeInfinity), -1).to(v.dtype), v);
            var attended = linear(mixed.transpose(1, 2).reshape(batch, tokens, -1), Get("attn.out_proj.weight"));
            var inner = gelu(linear(normed, Get("mlp.fc_in.weight"), Get("mlp.fc_in.bias")), GELU.Approximate.tanh);
            hidden = (attended + linear(inner, Get("mlp.fc_out.weight"), Get("mlp.fc_out.bias")) + hidden).MoveToOuterDisposeScope();
        }

        hidden = layer_norm(hidden, [_config.NEmbd], _weights["transformer.ln_f.weight"], _weights["transformer.ln_f.bias"], 1e-5);
        return linear(hidden, _weights["lm_head.weight"], _weights["lm_head.bias"]).MoveToOuterDisposeScope();

        Tensor Split(Tensor x) => x.view(batch, tokens, count, size).transpose(1, 2);
    }

    private Tensor Rotate(Tensor heads)
    {
        var (even, odd) = (heads.slice(3, 0, _config.RotaryDim, 2), heads.slice(3, 1, _config.RotaryDim, 2));
        var turned = stack([(even * _cos) - (odd * _sin), (odd * _cos) + (even * _sin)], dim: -1).flatten(-2);
        return cat([turned, heads.narrow(3, _config.RotaryDim, heads.size(3) - _config.RotaryDim)], dim: -1);
    }
}
