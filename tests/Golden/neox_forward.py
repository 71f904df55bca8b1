"""GPT-NeoX's forward pass written to be read: one position and one head at a time, every formula spelled out.

The meaning is that of HuggingFace's modeling_gpt_neox, in the float type of the weights.
"""

import math
from dataclasses import dataclass

import torch

from forward_parts import Run, attended, edited, layer_norm, noted, notes


@dataclass(frozen=True)
class Config:
    hidden: int
    heads: int
    rotary_dim: int
    layers: int
    vocabulary: int
    inner: int
    context: int
    parallel: bool
    biased: bool = True
    theta: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head_size(self):
        return self.hidden // self.heads


def forward(config, weights, ids, edits=()):
    hidden = [weights["gpt_neox.embed_in.weight"][token] for token in ids]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = block(config, weights, f"gpt_neox.layers.{layer}", hidden, notes(sites, layer))
        hidden = edited(hidden, "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def block(config, weights, prefix, hidden, note):
    """Two norms. The second reads the block's input in the parallel form, and what the attention has written in the
    sequential one."""
    normed = [layer_norm(config, weights, f"{prefix}.input_layernorm", h) for h in hidden]
    outputs = noted(note, "attn_out", attention(config, weights, f"{prefix}.attention", normed, note))
    middle = [h + a for h, a in zip(hidden, outputs)]
    read = hidden if config.parallel else noted(note, "resid_mid", middle)
    second = [layer_norm(config, weights, f"{prefix}.post_attention_layernorm", r) for r in read]
    return [m + i for m, i in zip(middle, noted(note, "mlp_out", [mlp(weights, f"{prefix}.mlp", s) for s in second]))]


def attention(config, weights, prefix, normed, note):
    """One matrix makes, head by head, the head's query, key and value."""
    fused = [heads_of_three(config, linear(weights, f"{prefix}.query_key_value", n)) for n in normed]
    queries, keys, values = ([[head[part] for head in heads] for heads in fused] for part in range(3))
    queries, keys = (
        [[rotated(config, head, position) for head in heads] for position, heads in enumerate(all_heads)]
        for all_heads in (queries, keys)
    )
    return [linear(weights, f"{prefix}.dense", mixed) for mixed in attended(queries, keys, values, note)]


def heads_of_three(config, vector):
    return [head.split(config.head_size) for head in vector.split(3 * config.head_size)]


def rotated(config, vector, position):
    """Turns each pair (0, half), (1, half + 1), ... of the first rotary_dim dimensions by its own angle."""
    dim, half = config.rotary_dim, config.rotary_dim // 2
    angle = position / config.theta ** (torch.arange(0, dim, 2, dtype=vector.dtype) / dim)
    first, second, rest = vector[:half], vector[half:dim], vector[dim:]
    sin, cos = torch.sin(angle), torch.cos(angle)
    return torch.cat([first * cos - second * sin, second * cos + first * sin, rest])


def mlp(weights, prefix, vector):
    return linear(weights, f"{prefix}.dense_4h_to_h", gelu(linear(weights, f"{prefix}.dense_h_to_4h", vector)))


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def linear(weights, name, vector):
    return weights[f"{name}.weight"] @ vector + weights.get(f"{name}.bias", 0)


def unembed(config, weights, vector):
    return weights["embed_out.weight"] @ layer_norm(config, weights, "gpt_neox.final_layer_norm", vector)
