"""Regenerates every file under tests/Golden/llama, byte for byte:

    /usr/bin/python3 tests/Golden/llama.py

Needs Debian's python3-torch (1.13) only. fixtures.py says what the files are.
"""

import math
from contextlib import nullcontext
from dataclasses import replace
from unittest import mock

import torch
import torch.nn.functional as F

import fixtures
import llama_forward
from fixtures import Case, distance
from llama_forward import Config
from whole_matrices import attended, put

CASES = [
    # Heads wider than hidden / heads, an untied head, another theta.
    Case(
        "grouped",
        Config(
            hidden=24, heads=6, key_value_heads=2, head_size=6, layers=2, vocabulary=41, inner=34, context=24,
            tied=False, theta=500.0, epsilon=1e-5,
        ),
        tokens=11, prompt_tokens=5, embedding_std=0.1, draw=0,
    ),
    # Its ids and its generations fill the context to the last position; the fields with a default are not in the file.
    Case(
        "tied",
        Config(
            hidden=24, heads=3, key_value_heads=3, head_size=8, layers=2, vocabulary=37, inner=30, context=17, tied=True
        ),
        tokens=17, prompt_tokens=5, embedding_std=0.02,
        left_out_of_config=("head_dim", "num_key_value_heads", "rms_norm_eps", "rope_theta"), with_buffers=True,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def norm_weight():
        return fixtures.normal(chance, config.hidden, std=0.3, mean=1.0)

    def linear(outputs, inputs, gain):
        return fixtures.normal(chance, outputs, inputs, std=gain / math.sqrt(inputs))

    config = case.config
    width, shared_width = config.heads * config.head_size, config.key_value_heads * config.head_size
    embedding = fixtures.normal(chance, config.vocabulary, config.hidden, std=case.embedding_std)
    weights = {"model.embed_tokens.weight": embedding}
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        weights |= {
            f"{prefix}.input_layernorm.weight": norm_weight(),
            f"{prefix}.self_attn.q_proj.weight": linear(width, config.hidden, gain=1.3),
            f"{prefix}.self_attn.k_proj.weight": linear(shared_width, config.hidden, gain=1.3),
            f"{prefix}.self_attn.v_proj.weight": linear(shared_width, config.hidden, gain=1.5),
            f"{prefix}.self_attn.o_proj.weight": linear(config.hidden, width, gain=1.5),
            f"{prefix}.post_attention_layernorm.weight": norm_weight(),
            f"{prefix}.mlp.gate_proj.weight": linear(config.inner, config.hidden, gain=1.5),
            f"{prefix}.mlp.up_proj.weight": linear(config.inner, config.hidden, gain=1.5),
            f"{prefix}.mlp.down_proj.weight": linear(config.hidden, config.inner, gain=1.5),
        }
    weights["model.norm.weight"] = norm_weight()
    if not config.tied:
        weights["lm_head.weight"] = linear(config.vocabulary, config.hidden, gain=3.0)
    return weights


def buffers(config):
    frequencies = 1.0 / config.theta ** (torch.arange(0, config.head_size, 2) / config.head_size)
    return {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": frequencies for layer in range(config.layers)}


def config_fields(case):
    config = case.config
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "head_dim": config.head_size,
        "hidden_act": "silu",
        "hidden_size": config.hidden,
        "intermediate_size": config.inner,
        "max_position_embeddings": config.context,
        "num_attention_heads": config.heads,
        "num_hidden_layers": config.layers,
        "num_key_value_heads": config.key_value_heads,
        "rms_norm_eps": config.epsilon,
        "rope_scaling": None,
        "rope_theta": config.theta,
        "tie_word_embeddings": config.tied,
        "vocab_size": config.vocabulary,
    }


# Checks --------------------------------------------------------------------------------------------------------------


def second_opinion(config, weights, ids, edits=()):
    """The same pass a second way, over whole sequences; the rotation is a product of complex numbers."""

    def linear(name, hidden):
        return F.linear(hidden, weights[f"{name}.weight"])

    def heads(name, hidden):
        return linear(name, hidden).unflatten(1, (-1, config.head_size))

    def norm(name, hidden):
        scale = torch.linalg.vector_norm(hidden, dim=1, keepdim=True).square() / config.hidden + config.epsilon
        return hidden * scale.rsqrt() * weights[f"{name}.weight"]

    group = config.heads // config.key_value_heads
    hidden = weights["model.embed_tokens.weight"][ids]
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        put(hidden, "resid_pre", layer, edits)
        normed = norm(f"{prefix}.input_layernorm", hidden)
        query, key = (turned(config, heads(f"{prefix}.self_attn.{name}_proj", normed)) for name in "qk")
        value = heads(f"{prefix}.self_attn.v_proj", normed)
        mixed = attended(query, key.repeat_interleave(group, 1), value.repeat_interleave(group, 1))
        hidden = hidden + linear(f"{prefix}.self_attn.o_proj", mixed)
        normed = norm(f"{prefix}.post_attention_layernorm", hidden)
        inner = F.silu(linear(f"{prefix}.mlp.gate_proj", normed)) * linear(f"{prefix}.mlp.up_proj", normed)
        hidden = hidden + linear(f"{prefix}.mlp.down_proj", inner)
        put(hidden, "resid_post", layer, edits)
    return linear("model.embed_tokens" if config.tied else "lm_head", norm("model.norm", hidden))


def turned(config, heads):
    half = config.head_size // 2
    exponent = torch.arange(half, dtype=heads.dtype) * -2 / config.head_size
    angle = torch.outer(torch.arange(len(heads), dtype=heads.dtype), config.theta**exponent)
    pairs = torch.complex(heads[..., :half], heads[..., half:]) * torch.polar(torch.ones_like(angle), angle)[:, None]
    return torch.cat([pairs.real, pairs.imag], -1)


def misreadings(config, weights, ids):
    expected = llama_forward.forward(config, weights, ids).logits

    def moved(config=config, weights=weights, patch=nullcontext()):
        with patch:
            return distance(expected, llama_forward.forward(config, weights, ids).logits)

    def instead(name, function):
        return mock.patch.object(llama_forward, name, function)

    def changed(ending, change):
        return {name: change(tensor) if name.endswith(ending) else tensor for name, tensor in weights.items()}

    found = {
        "neighbours are pairs": moved(patch=instead("rotated", neighbours_turned)),
        "another theta": moved(config=replace(config, theta=config.theta * 2)),
        "no 1/sqrt(d)": moved(weights=changed("q_proj.weight", lambda w: w * config.head_size**0.5)),
        "gelu": moved(patch=instead("silu", F.gelu)),
        "gate and up swapped": moved(weights=swapped(weights)),
        "layer norm": moved(patch=instead("rms_norm", centred_norm)),
        "tenth of epsilon": moved(config=replace(config, epsilon=config.epsilon / 10)),
        "attention and MLP side by side": moved(patch=instead("block", parallel_block)),
    }
    if config.key_value_heads < config.heads:
        found["keys shared by distant queries"] = moved(patch=instead("shared", distant_shared))
    return found


def neighbours_turned(config, vector, position):
    angle = position / config.theta ** (torch.arange(0, config.head_size, 2, dtype=vector.dtype) / config.head_size)
    pairs = torch.view_as_complex(vector.reshape(-1, 2)) * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(pairs).flatten()


def swapped(weights):
    other = {"gate_proj": "up_proj", "up_proj": "gate_proj"}
    return {
        ".".join(other.get(part, part) for part in name.split(".")): tensor for name, tensor in weights.items()
    }


def centred_norm(config, weights, name, vector):
    return F.layer_norm(vector, vector.shape, weights[f"{name}.weight"], eps=config.epsilon)


def parallel_block(config, weights, prefix, hidden, note):
    def normed(name):
        return [llama_forward.rms_norm(config, weights, f"{prefix}.{name}", h) for h in hidden]

    outputs = llama_forward.attention(config, weights, f"{prefix}.self_attn", normed("input_layernorm"), note)
    beside = [llama_forward.mlp(weights, f"{prefix}.mlp", n) for n in normed("post_attention_layernorm")]
    return [h + a + m for h, a, m in zip(hidden, outputs, beside)]


def distant_shared(config, heads):
    return [heads[query % config.key_value_heads] for query in range(config.heads)]


FAMILY = fixtures.Family(
    name="llama",
    forward=llama_forward.forward,
    second_opinion=second_opinion,
    misreadings=misreadings,
    random_weights=random_weights,
    buffers=buffers,
    config_fields=config_fields,
)

if __name__ == "__main__":
    FAMILY.write(CASES)
