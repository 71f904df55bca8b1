"""Gemma 2's and Gemma 3's forward pass written to be read: one position and one head at a time, every formula spelled out.

The meaning is that of HuggingFace's modeling_gemma2 and modeling_gemma3, in the float type of the weights.
"""

import math
from dataclasses import dataclass

import torch

from forward_parts import Run, attended, capped, edited, gelu_new, noted, notes


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
    scalar: float  # scores are divided by its root
    window: int
    every: int  # each so many-th layer has no window
    theta: float
    epsilon: float = 1e-6
    cap: float = None  # of scores
    last_cap: float = None  # of logits
    near_theta: float = None  # where there is a window; else the same
    linear: float = 1.0  # what divides the frequencies where there is no window
    head_norms: bool = False


def forward(config, weights, ids, edits=()):
    hidden = [embedded(config, weights, token) for token in ids]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = block(config, weights, layer, hidden, notes(sites, layer))
        hidden = edited(hidden, "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def embedded(config, weights, token):
    return weights["model.embed_tokens.weight"][token] * math.sqrt(config.hidden)


def has_window(config, layer):
    return (layer + 1) % config.every != 0


def block(config, weights, layer, hidden, note):
    """A norm before and a norm after attention and MLP; what is added has passed both."""

    def norm(name, vectors):
        return [rms_norm(config, weights, f"model.layers.{layer}.{name}_layernorm", vector) for vector in vectors]

    attention_out = attention(config, weights, layer, norm("input", hidden), note)
    added = noted(note, "attn_out", norm("post_attention", attention_out))
    middle = noted(note, "resid_mid", [h + a for h, a in zip(hidden, added)])
    inner = [mlp(weights, f"model.layers.{layer}.mlp", n) for n in norm("pre_feedforward", middle)]
    return [m + i for m, i in zip(middle, noted(note, "mlp_out", norm("post_feedforward", inner)))]


def attention(config, weights, layer, normed, note):
    prefix = f"model.layers.{layer}.self_attn"
    queries, keys, values = (
        [list((weights[f"{prefix}.{name}_proj.weight"] @ n).split(config.head_size)) for n in normed] for name in "qkv"
    )
    queries, keys = (
        [
            [placed(config, weights, f"{prefix}.{name}_norm", layer, head, position) for head in heads]
            for position, heads in enumerate(all_heads)
        ]
        for name, all_heads in (("q", queries), ("k", keys))
    )
    group = config.heads // config.key_value_heads
    keys, values = ([[heads[query // group] for query in range(config.heads)] for heads in one] for one in (keys, values))
    mixtures = attended(
        queries, keys, values, note, config.window if has_window(config, layer) else None, config.scalar, config.cap
    )
    return [weights[f"{prefix}.o_proj.weight"] @ mixed for mixed in mixtures]


def placed(config, weights, norm, layer, head, position):
    """A query or a key: Gemma 3's are normalised before they are turned."""
    return rotated(config, layer, rms_norm(config, weights, norm, head) if config.head_norms else head, position)


def rotated(config, layer, vector, position):
    """Turns each pair (0, half), (1, half + 1), ... of the head by its own angle; otherwise where there is a window."""
    theta, slower = config.theta, config.linear
    if has_window(config, layer):
        theta, slower = config.near_theta or config.theta, 1.0 if config.near_theta else config.linear
    half = config.head_size // 2
    angle = position / slower / theta ** (torch.arange(0, config.head_size, 2, dtype=vector.dtype) / config.head_size)
    first, second = vector[:half], vector[half:]
    return torch.cat(
        [first * torch.cos(angle) - second * torch.sin(angle), second * torch.cos(angle) + first * torch.sin(angle)]
    )


def mlp(weights, prefix, vector):
    gate, up = weights[f"{prefix}.gate_proj.weight"] @ vector, weights[f"{prefix}.up_proj.weight"] @ vector
    return weights[f"{prefix}.down_proj.weight"] @ (gelu_new(gate) * up)


def unembed(config, weights, vector):
    """The head is the embedding, which is not scaled here."""
    return capped(weights["model.embed_tokens.weight"] @ rms_norm(config, weights, "model.norm", vector), config.last_cap)


def rms_norm(config, weights, name, vector):
    """The weight counts from one."""
    return (1 + weights[f"{name}.weight"]) * (vector / torch.sqrt((vector**2).mean() + config.epsilon))
