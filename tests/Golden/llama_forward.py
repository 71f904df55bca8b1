"""LLaMA's forward pass written to be read: one position and one head at a time, every formula spelled out.

The meaning is that of HuggingFace's modeling_llama, in the float type of the weights.
"""

from dataclasses import dataclass

import torch

from forward_parts import Run, attended, edited, noted, notes


@dataclass(frozen=True)
class Config:
    hidden: int
    heads: int
    key_value_heads: int
    head_size: int
    layers: int
    vocabulary: int
    inner: int
    context: int
    tied: bool
    theta: float = 10000.0
    epsilon: float = 1e-6


def forward(config, weights, ids, edits=()):
    hidden = [weights["model.embed_tokens.weight"][token] for token in ids]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = block(config, weights, f"model.layers.{layer}", hidden, notes(sites, layer))
        hidden = edited(hidden, "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def block(config, weights, prefix, hidden, note):
    """The MLP reads what the attention has written."""
    normed = [rms_norm(config, weights, f"{prefix}.input_layernorm", h) for h in hidden]
    outputs = noted(note, "attn_out", attention(config, weights, f"{prefix}.self_attn", normed, note))
    middle = noted(note, "resid_mid", [h + a for h, a in zip(hidden, outputs)])
    second = [rms_norm(config, weights, f"{prefix}.post_attention_layernorm", m) for m in middle]
    inner = noted(note, "mlp_out", [mlp(weights, f"{prefix}.mlp", s) for s in second])
    return [m + i for m, i in zip(middle, inner)]


def attention(config, weights, prefix, normed, note):
    queries, keys, values = (
        [heads_of(config, weights[f"{prefix}.{name}_proj.weight"] @ n) for n in normed] for name in "qkv"
    )
    queries, keys = (
        [[rotated(config, head, position) for head in heads] for position, heads in enumerate(all_heads)]
        for all_heads in (queries, keys)
    )
    keys, values = ([shared(config, heads) for heads in all_heads] for all_heads in (keys, values))
    return [weights[f"{prefix}.o_proj.weight"] @ mixed for mixed in attended(queries, keys, values, note)]


def heads_of(config, vector):
    return list(vector.split(config.head_size))


def shared(config, heads):
    """Neighbouring queries share one key and one value: 0 0 1 1 2 2 ..."""
    group = config.heads // config.key_value_heads
    return [heads[query // group] for query in range(config.heads)]


def rotated(config, vector, position):
    """Turns each pair (0, half), (1, half + 1), ... of the whole head by its own angle."""
    half = config.head_size // 2
    angle = position / config.theta ** (torch.arange(0, config.head_size, 2, dtype=vector.dtype) / config.head_size)
    first, second = vector[:half], vector[half:]
    return torch.cat(
        [first * torch.cos(angle) - second * torch.sin(angle), second * torch.cos(angle) + first * torch.sin(angle)]
    )


def mlp(weights, prefix, vector):
    gate, up = weights[f"{prefix}.gate_proj.weight"] @ vector, weights[f"{prefix}.up_proj.weight"] @ vector
    return weights[f"{prefix}.down_proj.weight"] @ (silu(gate) * up)


def silu(x):
    return x / (1 + torch.exp(-x))


def unembed(config, weights, vector):
    matrix = weights["model.embed_tokens.weight" if config.tied else "lm_head.weight"]
    return matrix @ rms_norm(config, weights, "model.norm", vector)


def rms_norm(config, weights, name, vector):
    return weights[f"{name}.weight"] * (vector / torch.sqrt((vector**2).mean() + config.epsilon))
