"""GPT-J's forward pass written to be read: one position and one head at a time, every formula spelled out.

The meaning is that of HuggingFace's modeling_gptj. All arithmetic, the rotary table and the softmax included, happens
in the float type of the weights, which is float32 or float64.
"""

from dataclasses import dataclass

import torch

from forward_parts import Run, attended, edited, gelu_new, heads_of, layer_norm, noted, notes


@dataclass(frozen=True)
class Config:
    hidden: int
    heads: int
    rotary_dim: int
    layers: int
    vocabulary: int
    inner: int
    context: int
    epsilon: float = 1e-5

    @property
    def head_size(self):
        return self.hidden // self.heads


def forward(config, weights, ids, edits=()):
    if not 0 < len(ids) <= config.context:
        raise ValueError(f"{len(ids)} tokens do not fit into the context of {config.context}")

    hidden = [weights["transformer.wte.weight"][token] for token in ids]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = edited(block(config, weights, layer, hidden, notes(sites, layer)), "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def block(config, weights, layer, hidden, note):
    """Attention and MLP both read the one norm's output, side by side."""
    normed = [layer_norm(config, weights, f"transformer.h.{layer}.ln_1", h) for h in hidden]
    outputs = noted(note, "attn_out", attention(config, weights, layer, normed, note))
    inner = noted(note, "mlp_out", [mlp(weights, layer, n) for n in normed])
    return [h + a + m for h, a, m in zip(hidden, outputs, inner)]


def attention(config, weights, layer, normed, note):
    prefix = f"transformer.h.{layer}.attn"
    queries, keys, values = (
        [heads_of(config, weights[f"{prefix}.{name}_proj.weight"] @ n) for n in normed] for name in "qkv"
    )
    queries, keys = (
        [[rotated(config, head, position) for head in heads] for position, heads in enumerate(all_heads)]
        for all_heads in (queries, keys)
    )

    return [weights[f"{prefix}.out_proj.weight"] @ mixed for mixed in attended(queries, keys, values, note)]


def rotated(config, vector, position):
    """Turns each neighbouring pair (0, 1), (2, 3), ... of the first rotary_dim dimensions by its own angle."""
    dim = config.rotary_dim
    frequency = 1.0 / 10000 ** (torch.arange(0, dim, 2, dtype=vector.dtype) / dim)
    angle = position * frequency
    even, odd = vector[0:dim:2], vector[1:dim:2]
    turned = vector.clone()
    turned[0:dim:2] = even * torch.cos(angle) - odd * torch.sin(angle)
    turned[1:dim:2] = odd * torch.cos(angle) + even * torch.sin(angle)
    return turned


def mlp(weights, layer, vector):
    prefix = f"transformer.h.{layer}.mlp"
    inner = gelu_new(weights[f"{prefix}.fc_in.weight"] @ vector + weights[f"{prefix}.fc_in.bias"])
    return weights[f"{prefix}.fc_out.weight"] @ inner + weights[f"{prefix}.fc_out.bias"]


def unembed(config, weights, vector):
    normed = layer_norm(config, weights, "transformer.ln_f", vector)
    return weights["lm_head.weight"] @ normed + weights["lm_head.bias"]
