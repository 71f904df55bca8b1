"""Two checks of the golden numbers before they are written.

`logits` computes the same pass a second way: whole matrices, torch's own norm, GELU and softmax, and the rotation as a
product of complex numbers. `misreadings` are the classic ways to get GPT-J wrong; a fixture is worth keeping only where
each of them moves the logits far beyond a test's tolerance.
"""

from contextlib import nullcontext
from dataclasses import replace
from unittest import mock

import torch
import torch.nn.functional as F

import gptj_forward
from fixtures import distance
from whole_matrices import attended, norm, put


def logits(config, weights, ids, edits=()):
    hidden = weights["transformer.wte.weight"][ids]
    for layer in range(config.layers):
        put(hidden, "resid_pre", layer, edits)
        hidden = hidden + block(config, weights, f"transformer.h.{layer}", hidden)
        put(hidden, "resid_post", layer, edits)
    normed = norm(config, weights, "transformer.ln_f", hidden)
    return F.linear(normed, weights["lm_head.weight"], weights["lm_head.bias"])


def block(config, weights, prefix, hidden):
    normed = norm(config, weights, f"{prefix}.ln_1", hidden)
    query, key, value = (
        (normed @ weights[f"{prefix}.attn.{name}_proj.weight"].T).reshape(len(hidden), config.heads, config.head_size)
        for name in "qkv"
    )
    mixed = attended(turned(config, query), turned(config, key), value)

    inner = F.linear(normed, weights[f"{prefix}.mlp.fc_in.weight"], weights[f"{prefix}.mlp.fc_in.bias"])
    inner = F.gelu(inner, approximate="tanh")
    outer = F.linear(inner, weights[f"{prefix}.mlp.fc_out.weight"], weights[f"{prefix}.mlp.fc_out.bias"])
    return mixed @ weights[f"{prefix}.attn.out_proj.weight"].T + outer


def turned(config, heads):
    dim = config.rotary_dim
    exponent = torch.arange(dim // 2, dtype=heads.dtype) * -2 / dim
    angle = torch.outer(torch.arange(len(heads), dtype=heads.dtype), 10000.0**exponent)
    pairs = torch.view_as_complex(heads[..., :dim].reshape(*heads.shape[:2], dim // 2, 2))
    pairs = pairs * torch.polar(torch.ones_like(angle), angle)[:, None, :]
    return torch.cat([torch.view_as_real(pairs).flatten(2), heads[..., dim:]], -1)


def misreadings(config, weights, ids):
    """Name -> how far each misreading moves the logits of `ids`."""
    expected = gptj_forward.forward(config, weights, ids).logits

    def moved(config=config, weights=weights, patch=nullcontext()):
        with patch:
            return distance(expected, gptj_forward.forward(config, weights, ids).logits)

    def instead(name, function):
        return mock.patch.object(gptj_forward, name, function)

    dim, size = config.rotary_dim, config.head_size
    # Turning the pairs (0, dim/2), (1, dim/2 + 1), ... is turning neighbours after this reordering of each head.
    halves = [half * (dim // 2) + pair for pair in range(dim // 2) for half in (0, 1)]
    order = [head * size + d for head in range(config.heads) for d in halves + list(range(dim, size))]
    reordered = {
        name: tensor[order] if name.endswith(("q_proj.weight", "k_proj.weight")) else tensor
        for name, tensor in weights.items()
    }
    sharpened = {
        name: tensor * size**0.5 if name.endswith("q_proj.weight") else tensor for name, tensor in weights.items()
    }

    found = {
        "rotary_dim - 2": moved(config=replace(config, rotary_dim=dim - 2)),
        "no 1/sqrt(d)": moved(weights=sharpened),
        "erf gelu": moved(patch=instead("gelu_new", F.gelu)),
        "second norm": moved(patch=instead("block", sequential_block)),
        "no lm_head bias": moved(weights=weights | {"lm_head.bias": torch.zeros_like(weights["lm_head.bias"])}),
        "ln_f twice": moved(patch=instead("unembed", unembed_twice_normed)),
        "tenth of epsilon": moved(config=replace(config, epsilon=config.epsilon / 10)),
    }
    if dim > 2:
        found["rotate_half"] = moved(weights=reordered)
    if dim < size:
        found["rotary_dim + 2"] = moved(config=replace(config, rotary_dim=dim + 2))
    return found


def sequential_block(config, weights, layer, hidden, note):
    name = f"transformer.h.{layer}.ln_1"
    normed = [gptj_forward.layer_norm(config, weights, name, h) for h in hidden]
    hidden = [h + a for h, a in zip(hidden, gptj_forward.attention(config, weights, layer, normed, note))]
    again = [gptj_forward.layer_norm(config, weights, name, h) for h in hidden]
    return [h + gptj_forward.mlp(weights, layer, n) for h, n in zip(hidden, again)]


def unembed_twice_normed(config, weights, vector):
    for _ in range(2):
        vector = gptj_forward.layer_norm(config, weights, "transformer.ln_f", vector)
    return weights["lm_head.weight"] @ vector + weights["lm_head.bias"]
