"""GPT-2's forward pass written to be read: one position and one head at a time, every formula spelled out.

The meaning is that of HuggingFace's modeling_gpt2, in the float type of the weights.
"""

from dataclasses import dataclass

import torch

from forward_parts import Run, attended, edited, gelu_new, heads_of, layer_norm, noted, notes


@dataclass(frozen=True)
class Config:
    hidden: int
    heads: int
    layers: int
    vocabulary: int
    inner: int
    context: int
    epsilon: float = 1e-5
    prefix: str = "transformer."  # of the names; checkpoints exist with it and without

    @property
    def head_size(self):
        return self.hidden // self.heads


def forward(config, weights, ids, edits=()):
    weights = {name.removeprefix(config.prefix): tensor for name, tensor in weights.items()}
    hidden = [embed(weights, token, position) for position, token in enumerate(ids)]
    resid_pre, resid_post, sites = [], [], {}
    for layer in range(config.layers):
        hidden = edited(hidden, "resid_pre", layer, edits)
        resid_pre.append(torch.stack(hidden))
        hidden = edited(block(config, weights, layer, hidden, notes(sites, layer)), "resid_post", layer, edits)
        resid_post.append(torch.stack(hidden))
    return Run(torch.stack([unembed(config, weights, h) for h in hidden]), resid_pre, resid_post, sites)


def embed(weights, token, position):
    return weights["wte.weight"][token] + weights["wpe.weight"][position]


def block(config, weights, layer, hidden, note):
    """The MLP reads what the attention has written."""
    normed = [layer_norm(config, weights, f"h.{layer}.ln_1", h) for h in hidden]
    outputs = noted(note, "attn_out", attention(config, weights, layer, normed, note))
    middle = noted(note, "resid_mid", [h + a for h, a in zip(hidden, outputs)])
    inner = [mlp(weights, layer, layer_norm(config, weights, f"h.{layer}.ln_2", m)) for m in middle]
    return [m + i for m, i in zip(middle, noted(note, "mlp_out", inner))]


def attention(config, weights, layer, normed, note):
    """One matrix makes query, key and value, in this order."""
    fused = [conv1d(weights, f"h.{layer}.attn.c_attn", n) for n in normed]
    queries, keys, values = (
        [heads_of(config, f[part * config.hidden : (part + 1) * config.hidden]) for f in fused] for part in range(3)
    )
    return [conv1d(weights, f"h.{layer}.attn.c_proj", mixed) for mixed in attended(queries, keys, values, note)]


def mlp(weights, layer, vector):
    return conv1d(weights, f"h.{layer}.mlp.c_proj", gelu_new(conv1d(weights, f"h.{layer}.mlp.c_fc", vector)))


def conv1d(weights, name, vector):
    """The matrix is stored as [in, out]."""
    return vector @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def unembed(config, weights, vector):
    return weights["wte.weight"] @ layer_norm(config, weights, "ln_f", vector)
