"""LLaMA's forward pass written to be read: one position and one head at a time, every formula spelled out. Mistral's,
Qwen2's and Qwen3's are the same but for a window, biases, and norms on queries and keys.

The meaning is that of HuggingFace's modeling_llama and its like, in the float type of the weights.
"""

import math
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
    linear: float = None  # every frequency divided by this
    llama3: tuple = None  # (factor, low_freq_factor, high_freq_factor, original context)
    biased: str = ""  # which of q, k, v, o have a bias
    biased_mlp: bool = False
    head_norms: bool = False  # on each head's query and key
    window: int = None
    windowed_from: int = 0  # the first layer with the window


def forward(config, weights, ids, edits=()):
    hidden = [weights["model.embed_tokens.weight"][token] for token in ids]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = block(config, weights, f"model.layers.{layer}", hidden, notes(sites, layer), window_of(config, layer))
        hidden = edited(hidden, "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def window_of(config, layer):
    return config.window if layer >= config.windowed_from else None


def block(config, weights, prefix, hidden, note, window):
    """The MLP reads what the attention has written."""
    normed = [rms_norm(config, weights, f"{prefix}.input_layernorm", h) for h in hidden]
    outputs = noted(note, "attn_out", attention(config, weights, f"{prefix}.self_attn", normed, note, window))
    middle = noted(note, "resid_mid", [h + a for h, a in zip(hidden, outputs)])
    second = [rms_norm(config, weights, f"{prefix}.post_attention_layernorm", m) for m in middle]
    inner = noted(note, "mlp_out", [mlp(weights, f"{prefix}.mlp", s) for s in second])
    return [m + i for m, i in zip(middle, inner)]


def attention(config, weights, prefix, normed, note, window):
    queries, keys, values = (
        [heads_of(config, linear(weights, f"{prefix}.{name}_proj", n)) for n in normed] for name in "qkv"
    )
    queries, keys = (
        [
            [placed(config, weights, f"{prefix}.{name}_norm", head, position) for head in heads]
            for position, heads in enumerate(all_heads)
        ]
        for name, all_heads in (("q", queries), ("k", keys))
    )
    keys, values = ([shared(config, heads) for heads in all_heads] for all_heads in (keys, values))
    return [linear(weights, f"{prefix}.o_proj", mixed) for mixed in attended(queries, keys, values, note, window)]


def linear(weights, name, vector):
    """With a bias where the weights have one."""
    return weights[f"{name}.weight"] @ vector + weights.get(f"{name}.bias", 0)


def placed(config, weights, norm, head, position):
    """A query or a key: Qwen3's are normalised before they are turned."""
    return rotated(config, rms_norm(config, weights, norm, head) if config.head_norms else head, position)


def heads_of(config, vector):
    return list(vector.split(config.head_size))


def shared(config, heads):
    """Neighbouring queries share one key and one value: 0 0 1 1 2 2 ..."""
    group = config.heads // config.key_value_heads
    return [heads[query // group] for query in range(config.heads)]


def rotated(config, vector, position):
    """Turns each pair (0, half), (1, half + 1), ... of the whole head by its own angle."""
    half = config.head_size // 2
    angle = position / periods(config, vector.dtype)
    first, second = vector[:half], vector[half:]
    return torch.cat(
        [first * torch.cos(angle) - second * torch.sin(angle), second * torch.cos(angle) + first * torch.sin(angle)]
    )


def periods(config, dtype):
    """In how many positions each pair turns by one radian."""
    plain = config.theta ** (torch.arange(0, config.head_size, 2, dtype=dtype) / config.head_size)
    if config.linear:
        return plain * config.linear
    return torch.stack([slowed(config, period) for period in plain]) if config.llama3 else plain


def slowed(config, period):
    """LLaMA 3.1: what turns fast within the original context stays, what turns slowly is slower by the factor."""
    factor, low, high, original = config.llama3
    turns = original / (2 * math.pi * period)
    if turns > high:
        return period
    if turns < low:
        return period * factor
    share = (turns - low) / (high - low)
    return 1 / ((1 - share) / (period * factor) + share / period)


def mlp(weights, prefix, vector):
    gate, up = linear(weights, f"{prefix}.gate_proj", vector), linear(weights, f"{prefix}.up_proj", vector)
    return linear(weights, f"{prefix}.down_proj", silu(gate) * up)


def silu(x):
    return x / (1 + torch.exp(-x))


def unembed(config, weights, vector):
    matrix = weights["model.embed_tokens.weight" if config.tied else "lm_head.weight"]
    return matrix @ rms_norm(config, weights, "model.norm", vector)


def rms_norm(config, weights, name, vector):
    return weights[f"{name}.weight"] * (vector / torch.sqrt((vector**2).mean() + config.epsilon))
