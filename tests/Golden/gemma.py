"""Regenerates every file under tests/Golden/gemma2 and gemma3_text, byte for byte:

    /usr/bin/python3 tests/Golden/gemma.py

Needs Debian's python3-torch (1.13) only. fixtures.py says what the files are.
"""

import math
from contextlib import nullcontext
from dataclasses import replace
from unittest import mock

import torch
import torch.nn.functional as F

import fixtures
import gemma_forward
from fixtures import Case, distance
from gemma_forward import Config, has_window
from whole_matrices import attended, put

GEMMA2 = [
    # Caps that are felt, a scalar that is not the head's size, a width whose root bfloat16 rounds.
    Case(
        "capped",
        Config(
            hidden=48, heads=4, key_value_heads=2, head_size=8, layers=2, vocabulary=41, inner=34, context=24, scalar=12.0,
            window=4, every=2, theta=500.0, epsilon=1e-4, cap=2.0, last_cap=5.0,
        ),
        tokens=12, prompt_tokens=7, embedding_std=0.1, draw=14,
    ),
]

GEMMA3 = [
    # A layer with a window and one without, each with its own frequencies.
    Case(
        "two-ropes",
        Config(
            hidden=48, heads=4, key_value_heads=1, head_size=8, layers=2, vocabulary=41, inner=34, context=24, scalar=12.0,
            window=4, every=2, theta=2000.0, near_theta=100.0, epsilon=1e-4, linear=8.0, head_norms=True,
        ),
        tokens=12, prompt_tokens=7, embedding_std=0.05, draw=2,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def norm_weight(size=None):
        return fixtures.normal(chance, size or config.hidden, std=0.3)

    def linear(outputs, inputs, gain):
        return fixtures.normal(chance, outputs, inputs, std=gain / math.sqrt(inputs))

    config = case.config
    width, shared_width = config.heads * config.head_size, config.key_value_heads * config.head_size
    weights = {"model.embed_tokens.weight": fixtures.normal(chance, config.vocabulary, config.hidden, std=case.embedding_std)}
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        weights |= {
            f"{prefix}.self_attn.q_proj.weight": linear(width, config.hidden, gain=1.6),
            f"{prefix}.self_attn.k_proj.weight": linear(shared_width, config.hidden, gain=1.6),
            f"{prefix}.self_attn.v_proj.weight": linear(shared_width, config.hidden, gain=1.5),
            f"{prefix}.self_attn.o_proj.weight": linear(config.hidden, width, gain=1.5),
            f"{prefix}.mlp.gate_proj.weight": linear(config.inner, config.hidden, gain=1.5),
            f"{prefix}.mlp.up_proj.weight": linear(config.inner, config.hidden, gain=1.5),
            f"{prefix}.mlp.down_proj.weight": linear(config.hidden, config.inner, gain=1.5),
        }
        for name in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            weights[f"{prefix}.{name}_layernorm.weight"] = norm_weight()
        for name in "qk" if config.head_norms else "":
            weights[f"{prefix}.self_attn.{name}_norm.weight"] = norm_weight(config.head_size)
    weights["model.norm.weight"] = norm_weight() + 1
    return weights


def config_fields(case):
    config = case.config
    return {
        "attention_bias": False,
        "final_logit_softcapping": config.last_cap,
        "attn_logit_softcapping": config.cap,
        "head_dim": config.head_size,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": config.hidden,
        "intermediate_size": config.inner,
        "max_position_embeddings": config.context,
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.layers,
        "num_key_value_heads": config.key_value_heads,
        "query_pre_attn_scalar": int(config.scalar),
        "rms_norm_eps": config.epsilon,
        "rope_theta": config.theta,
        "sliding_window": config.window,
        "vocab_size": config.vocabulary,
    }


def gemma2_fields(case):
    return config_fields(case) | {"architectures": ["Gemma2ForCausalLM"]}


def gemma3_fields(case):
    config = case.config
    return config_fields(case) | {
        "architectures": ["Gemma3ForCausalLM"],
        "rope_local_base_freq": config.near_theta,
        "rope_scaling": {"factor": config.linear, "rope_type": "linear"},
        "sliding_window_pattern": config.every,
    }


# Checks --------------------------------------------------------------------------------------------------------------


def second_opinion(config, weights, ids, edits=()):
    """The same pass a second way, over whole sequences; the rotation is a product of complex numbers."""

    def linear(name, hidden):
        return F.linear(hidden, weights[f"{name}.weight"])

    def norm(name, hidden):
        scale = torch.linalg.vector_norm(hidden, dim=-1, keepdim=True).square() / hidden.shape[-1] + config.epsilon
        return torch.addcmul(hidden * scale.rsqrt(), hidden * scale.rsqrt(), weights[f"{name}.weight"])

    def turned(heads, near):
        half = config.head_size // 2
        theta = config.near_theta if near and config.near_theta else config.theta
        speed = theta ** (torch.arange(half, dtype=heads.dtype) * -2 / config.head_size)
        speed = speed if near and config.near_theta else speed / config.linear
        angle = torch.outer(torch.arange(len(heads), dtype=heads.dtype), speed)
        pairs = torch.complex(heads[..., :half], heads[..., half:]) * torch.polar(torch.ones_like(angle), angle)[:, None]
        return torch.cat([pairs.real, pairs.imag], -1)

    group = config.heads // config.key_value_heads
    hidden = weights["model.embed_tokens.weight"][ids] * config.hidden**0.5
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        near = has_window(config, layer)
        put(hidden, "resid_pre", layer, edits)
        normed = norm(f"{prefix}.input_layernorm", hidden)
        query, key, value = (
            linear(f"{prefix}.self_attn.{name}_proj", normed).unflatten(1, (-1, config.head_size)) for name in "qkv"
        )
        if config.head_norms:
            query, key = norm(f"{prefix}.self_attn.q_norm", query), norm(f"{prefix}.self_attn.k_norm", key)
        key, value = (one.repeat_interleave(group, 1) for one in (turned(key, near), value))
        mixed = attended(turned(query, near), key, value, config.window if near else None, config.scalar, config.cap)
        hidden = hidden + norm(f"{prefix}.post_attention_layernorm", linear(f"{prefix}.self_attn.o_proj", mixed))
        normed = norm(f"{prefix}.pre_feedforward_layernorm", hidden)
        inner = tanh_gelu(linear(f"{prefix}.mlp.gate_proj", normed)) * linear(f"{prefix}.mlp.up_proj", normed)
        hidden = hidden + norm(f"{prefix}.post_feedforward_layernorm", linear(f"{prefix}.mlp.down_proj", inner))
        put(hidden, "resid_post", layer, edits)
    logits = linear("model.embed_tokens", norm("model.norm", hidden))
    return config.last_cap * (logits / config.last_cap).tanh() if config.last_cap else logits


def tanh_gelu(x):
    return F.gelu(x, approximate="tanh")


def misreadings(config, weights, ids):
    expected = gemma_forward.forward(config, weights, ids).logits

    def moved(config=config, weights=weights, patch=nullcontext()):
        with patch:
            return distance(expected, gemma_forward.forward(config, weights, ids).logits)

    def instead(name, function):
        return mock.patch.object(gemma_forward, name, function)

    def other(**fields):
        return moved(config=replace(config, **fields))

    found = {
        "embeddings not scaled": moved(patch=instead("embedded", lambda c, w, token: w["model.embed_tokens.weight"][token])),
        "weights that do not count from one": moved(
            weights={name: tensor - 1 if "norm" in name else tensor for name, tensor in weights.items()}
        ),
        "scaled by the head's size": other(scalar=float(config.head_size)),
        "gelu of the error function": moved(patch=instead("gelu_new", F.gelu)),
        "no norm behind attention and MLP": moved(patch=instead("rms_norm", norm_before_only)),
        "a window in every layer": other(every=config.layers + 1),
        "no window": other(window=config.context),
        "the other layers have the window": moved(patch=instead("has_window", lambda c, layer: not has_window(c, layer))),
        "a window one too wide": other(window=config.window + 1),
        "a window one too narrow": other(window=config.window - 1),
        "tenth of epsilon": other(epsilon=config.epsilon / 10),
    }
    if config.cap:
        found |= {"no cap on scores": other(cap=None), "no cap on logits": other(last_cap=None)}
    if config.near_theta:
        found |= {
            "one theta": other(near_theta=None),
            "frequencies as they are": other(linear=1.0),
            "slower near too": other(near_theta=config.near_theta * config.linear),
        }
    if config.head_norms:
        found["queries and keys not normalised"] = other(head_norms=False)
        found["normalised after the rotation"] = moved(patch=instead("placed", rotated_first))
    return found


RMS_NORM = gemma_forward.rms_norm


def norm_before_only(config, weights, name, vector):
    return vector if "post_" in name else RMS_NORM(config, weights, name, vector)


def rotated_first(config, weights, norm, layer, head, position):
    return gemma_forward.rms_norm(config, weights, norm, gemma_forward.rotated(config, layer, head, position))


FAMILY = fixtures.Family(
    name="gemma2",
    forward=gemma_forward.forward,
    second_opinion=second_opinion,
    misreadings=misreadings,
    random_weights=random_weights,
    buffers=lambda config: {},
    config_fields=gemma2_fields,
)

if __name__ == "__main__":
    FAMILY.write(GEMMA2)
    replace(FAMILY, name="gemma3_text", config_fields=gemma3_fields).write(GEMMA3)
