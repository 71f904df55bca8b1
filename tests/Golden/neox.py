"""Regenerates every file under tests/Golden/gpt_neox, byte for byte:

    /usr/bin/python3 tests/Golden/neox.py

Needs Debian's python3-torch (1.13) only. fixtures.py says what the files are.
"""

import math
from contextlib import nullcontext
from dataclasses import replace
from unittest import mock

import torch
import torch.nn.functional as F

import fixtures
import neox_forward
from fixtures import Case, distance
from forward_parts import gelu_new
from neox_forward import Config
from whole_matrices import attended, norm, put

CASES = [
    # A quarter of 10 dimensions is 2.5, which is 2; the fields with a default are not in the file.
    Case(
        "parallel",
        Config(hidden=20, heads=2, rotary_dim=2, layers=2, vocabulary=43, inner=54, context=24, parallel=True),
        tokens=11, prompt_tokens=5, embedding_std=0.1,
        left_out_of_config=(
            "attention_bias", "layer_norm_eps", "rotary_emb_base", "rotary_pct", "use_parallel_residual",
        ),
        with_buffers=True,
    ),
    # Its ids and its generations fill the context to the last position.
    Case(
        "sequential",
        Config(
            hidden=24, heads=3, rotary_dim=6, layers=2, vocabulary=37, inner=50, context=17, parallel=False,
            biased=False, theta=300.0, epsilon=1e-3,
        ),
        tokens=17, prompt_tokens=5, embedding_std=0.2,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def normal(*shape, std, mean=0.0):
        return fixtures.normal(chance, *shape, std=std, mean=mean)

    def norm_weights(name):
        return {f"{name}.weight": normal(config.hidden, std=0.3, mean=1.0), f"{name}.bias": normal(config.hidden, std=0.3)}

    def linear(name, outputs, inputs, gain, biased=True):
        weight = {f"{name}.weight": normal(outputs, inputs, std=gain / math.sqrt(inputs))}
        return weight | ({f"{name}.bias": normal(outputs, std=0.5)} if biased else {})

    config = case.config
    weights = {"gpt_neox.embed_in.weight": normal(config.vocabulary, config.hidden, std=case.embedding_std)}
    for layer in range(config.layers):
        prefix = f"gpt_neox.layers.{layer}"
        fused = f"{prefix}.attention.query_key_value"
        weights |= norm_weights(f"{prefix}.input_layernorm")
        weights |= linear(fused, 3 * config.hidden, config.hidden, gain=1.3, biased=config.biased)
        weights |= linear(f"{prefix}.attention.dense", config.hidden, config.hidden, gain=1.5, biased=config.biased)
        weights |= norm_weights(f"{prefix}.post_attention_layernorm")
        weights |= linear(f"{prefix}.mlp.dense_h_to_4h", config.inner, config.hidden, gain=1.2)
        weights |= linear(f"{prefix}.mlp.dense_4h_to_h", config.hidden, config.inner, gain=1.5)
    weights |= norm_weights("gpt_neox.final_layer_norm")
    return weights | linear("embed_out", config.vocabulary, config.hidden, gain=3.0, biased=False)


def buffers(config):
    mask = torch.ones(1, 1, config.context, config.context, dtype=torch.bool).tril()
    frequencies = 1.0 / config.theta ** (torch.arange(0, config.rotary_dim, 2) / config.rotary_dim)
    return {
        f"gpt_neox.layers.{layer}.attention.{name}": tensor
        for layer in range(config.layers)
        for name, tensor in (
            ("bias", mask), ("masked_bias", torch.tensor(-1e9)), ("rotary_emb.inv_freq", frequencies)
        )
    }


def config_fields(case):
    config = case.config
    return {
        "architectures": ["GPTNeoXForCausalLM"],
        "attention_bias": config.biased,
        "hidden_act": "gelu",
        "hidden_size": config.hidden,
        "intermediate_size": config.inner,
        "layer_norm_eps": config.epsilon,
        "max_position_embeddings": config.context,
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.layers,
        "rotary_emb_base": config.theta,
        "rotary_pct": config.rotary_dim / config.head_size,
        "tie_word_embeddings": False,
        "use_parallel_residual": config.parallel,
        "vocab_size": config.vocabulary,
    }


# Checks --------------------------------------------------------------------------------------------------------------


def second_opinion(config, weights, ids, edits=()):
    """The same pass a second way, over whole sequences; the rotation is a product of complex numbers."""

    def linear(name, hidden):
        return F.linear(hidden, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    hidden = weights["gpt_neox.embed_in.weight"][ids]
    for layer in range(config.layers):
        prefix = f"gpt_neox.layers.{layer}"
        put(hidden, "resid_pre", layer, edits)
        fused = linear(f"{prefix}.attention.query_key_value", norm(config, weights, f"{prefix}.input_layernorm", hidden))
        query, key, value = fused.reshape(len(ids), config.heads, 3, config.head_size).unbind(2)
        mixed = attended(turned(config, query), turned(config, key), value)
        outputs = linear(f"{prefix}.attention.dense", mixed)
        read = hidden if config.parallel else hidden + outputs
        inner = linear(f"{prefix}.mlp.dense_h_to_4h", norm(config, weights, f"{prefix}.post_attention_layernorm", read))
        hidden = hidden + outputs + linear(f"{prefix}.mlp.dense_4h_to_h", F.gelu(inner))
        put(hidden, "resid_post", layer, edits)
    return linear("embed_out", norm(config, weights, "gpt_neox.final_layer_norm", hidden))


def turned(config, heads):
    dim, half = config.rotary_dim, config.rotary_dim // 2
    exponent = torch.arange(half, dtype=heads.dtype) * -2 / dim
    angle = torch.outer(torch.arange(len(heads), dtype=heads.dtype), config.theta**exponent)
    pairs = torch.complex(heads[..., :half], heads[..., half:dim]) * torch.polar(torch.ones_like(angle), angle)[:, None]
    return torch.cat([pairs.real, pairs.imag, heads[..., dim:]], -1)


def misreadings(config, weights, ids):
    expected = neox_forward.forward(config, weights, ids).logits

    def moved(config=config, weights=weights, patch=nullcontext()):
        with patch:
            return distance(expected, neox_forward.forward(config, weights, ids).logits)

    def instead(name, function):
        return mock.patch.object(neox_forward, name, function)

    found = {
        "query, key, value before heads": moved(patch=instead("heads_of_three", three_of_heads)),
        "no rotation": moved(patch=instead("rotated", lambda config, vector, position: vector)),
        "rotary_dim + 2": moved(config=replace(config, rotary_dim=config.rotary_dim + 2)),
        "the other residual form": moved(config=replace(config, parallel=not config.parallel)),
        "gelu_new": moved(patch=instead("gelu", gelu_new)),
        "one norm a block": moved(patch=instead("layer_norm", first_norm_twice)),
        "tenth of epsilon": moved(config=replace(config, epsilon=config.epsilon / 10)),
    }
    if config.rotary_dim > 2:
        found["neighbours are pairs"] = moved(patch=instead("rotated", neighbours_turned))
        found["another theta"] = moved(config=replace(config, theta=config.theta * 2))
    return found


def three_of_heads(config, vector):
    return list(zip(*(part.split(config.head_size) for part in vector.split(config.hidden))))


def neighbours_turned(config, vector, position):
    dim = config.rotary_dim
    angle = position / config.theta ** (torch.arange(0, dim, 2, dtype=vector.dtype) / dim)
    pairs = torch.view_as_complex(vector[:dim].reshape(-1, 2)) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([torch.view_as_real(pairs).flatten(), vector[dim:]])


def first_norm_twice(config, weights, name, vector):
    name = name.replace("post_attention_layernorm", "input_layernorm")
    return F.layer_norm(vector, vector.shape, weights[f"{name}.weight"], weights[f"{name}.bias"], config.epsilon)


FAMILY = fixtures.Family(
    name="gpt_neox",
    forward=neox_forward.forward,
    second_opinion=second_opinion,
    misreadings=misreadings,
    random_weights=random_weights,
    buffers=buffers,
    config_fields=config_fields,
)

if __name__ == "__main__":
    FAMILY.write(CASES)
