"""Regenerates every file under tests/Golden/gpt2, byte for byte:

    /usr/bin/python3 tests/Golden/gpt2.py

Needs Debian's python3-torch (1.13) only. fixtures.py says what the files are.
"""

import math
from contextlib import nullcontext
from dataclasses import replace
from unittest import mock

import torch
import torch.nn.functional as F

import fixtures
import gpt2_forward
from fixtures import Case, distance
from forward_parts import layer_norm
from gpt2_forward import Config
from whole_matrices import attended, norm, put

CASES = [
    Case(
        "with-prefix",
        Config(hidden=24, heads=3, layers=2, vocabulary=43, inner=96, context=24),
        tokens=11, prompt_tokens=5, embedding_std=0.3, draw=2,
        left_out_of_config=("n_inner", "layer_norm_epsilon", "tie_word_embeddings"), with_buffers=True,
    ),
    # Its ids and its generations fill the context to the last position.
    Case(
        "without-prefix",
        Config(hidden=20, heads=2, layers=3, vocabulary=37, inner=46, context=17, epsilon=1e-3, prefix=""),
        tokens=17, prompt_tokens=5, embedding_std=0.5, draw=1,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def normal(*shape, std, mean=0.0):
        return fixtures.normal(chance, *shape, std=std, mean=mean)

    def norm_weights(name):
        return {f"{name}.weight": normal(config.hidden, std=0.3, mean=1.0), f"{name}.bias": normal(config.hidden, std=0.3)}

    def conv1d(name, inputs, outputs, gain):
        return {
            f"{name}.weight": normal(inputs, outputs, std=gain / math.sqrt(inputs)),
            f"{name}.bias": normal(outputs, std=0.5),
        }

    config = case.config
    weights = {
        "wte.weight": normal(config.vocabulary, config.hidden, std=case.embedding_std),
        "wpe.weight": normal(config.context, config.hidden, std=case.embedding_std),
    }
    for layer in range(config.layers):
        prefix = f"h.{layer}"
        weights |= norm_weights(f"{prefix}.ln_1")
        weights |= conv1d(f"{prefix}.attn.c_attn", config.hidden, 3 * config.hidden, gain=1.3)
        weights |= conv1d(f"{prefix}.attn.c_proj", config.hidden, config.hidden, gain=1.5)
        weights |= norm_weights(f"{prefix}.ln_2")
        weights |= conv1d(f"{prefix}.mlp.c_fc", config.hidden, config.inner, gain=1.2)
        weights |= conv1d(f"{prefix}.mlp.c_proj", config.inner, config.hidden, gain=1.5)
    weights |= norm_weights("ln_f")
    return {f"{config.prefix}{name}": tensor for name, tensor in weights.items()}


def buffers(config):
    mask = torch.ones(1, 1, config.context, config.context, dtype=torch.bool).tril()
    return {
        f"{config.prefix}h.{layer}.attn.{name}": tensor
        for layer in range(config.layers)
        for name, tensor in (("bias", mask), ("masked_bias", torch.tensor(-1e4)))
    }


def config_fields(case):
    config = case.config
    return {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "layer_norm_epsilon": config.epsilon,
        "n_ctx": config.context,
        "n_embd": config.hidden,
        "n_head": config.heads,
        "n_inner": None if config.inner == 4 * config.hidden else config.inner,
        "n_layer": config.layers,
        "n_positions": config.context,
        "tie_word_embeddings": True,
        "vocab_size": config.vocabulary,
    }


# Checks --------------------------------------------------------------------------------------------------------------


def second_opinion(config, weights, ids, edits=()):
    """The same pass a second way, over whole sequences."""
    weights = {name.removeprefix(config.prefix): tensor for name, tensor in weights.items()}

    def linear(name, hidden):
        return F.linear(hidden, weights[f"{name}.weight"].T, weights[f"{name}.bias"])

    hidden = weights["wte.weight"][ids] + weights["wpe.weight"][: len(ids)]
    for layer in range(config.layers):
        put(hidden, "resid_pre", layer, edits)
        normed = norm(config, weights, f"h.{layer}.ln_1", hidden)
        fused = linear(f"h.{layer}.attn.c_attn", normed).reshape(len(ids), 3, config.heads, config.head_size)
        hidden = hidden + linear(f"h.{layer}.attn.c_proj", attended(*fused.unbind(1)))
        normed = norm(config, weights, f"h.{layer}.ln_2", hidden)
        inner = F.gelu(linear(f"h.{layer}.mlp.c_fc", normed), approximate="tanh")
        hidden = hidden + linear(f"h.{layer}.mlp.c_proj", inner)
        put(hidden, "resid_post", layer, edits)
    return norm(config, weights, "ln_f", hidden) @ weights["wte.weight"].T


def misreadings(config, weights, ids):
    expected = gpt2_forward.forward(config, weights, ids).logits

    def moved(config=config, weights=weights, patch=nullcontext()):
        with patch:
            return distance(expected, gpt2_forward.forward(config, weights, ids).logits)

    def instead(name, function):
        return mock.patch.object(gpt2_forward, name, function)

    def changed(ending, change):
        return {name: change(tensor) if name.endswith(ending) else tensor for name, tensor in weights.items()}

    return {
        "matrices as [out, in]": moved(weights=changed("attn.c_proj.weight", torch.t)),
        "key before query": moved(weights=changed("c_attn.weight", lambda w: roll_parts(w, (1, 0, 2)))),
        "no 1/sqrt(d)": moved(weights=changed("c_attn.weight", lambda w: sharpened(config, w))),
        "no positions": moved(weights=changed("wpe.weight", torch.zeros_like)),
        "positions from one": moved(weights=changed("wpe.weight", lambda w: w.roll(-1, 0))),
        "erf gelu": moved(patch=instead("gelu_new", F.gelu)),
        "attention and MLP side by side": moved(patch=instead("block", parallel_block)),
        "one norm a block": moved(patch=instead("layer_norm", first_norm_twice)),
        "tenth of epsilon": moved(config=replace(config, epsilon=config.epsilon / 10)),
    }


def roll_parts(matrix, order):
    parts = matrix.chunk(3, 1)
    return torch.cat([parts[part] for part in order], 1)


def sharpened(config, matrix):
    query, key, value = matrix.chunk(3, 1)
    return torch.cat([query * config.head_size**0.5, key, value], 1)


def parallel_block(config, weights, layer, hidden, note):
    normed = [layer_norm(config, weights, f"h.{layer}.ln_1", h) for h in hidden]
    beside = [layer_norm(config, weights, f"h.{layer}.ln_2", h) for h in hidden]
    outputs = gpt2_forward.attention(config, weights, layer, normed, note)
    return [h + a + gpt2_forward.mlp(weights, layer, b) for h, a, b in zip(hidden, outputs, beside)]


def first_norm_twice(config, weights, name, vector):
    return layer_norm(config, weights, name.replace("ln_2", "ln_1"), vector)


FAMILY = fixtures.Family(
    name="gpt2",
    forward=gpt2_forward.forward,
    second_opinion=second_opinion,
    misreadings=misreadings,
    random_weights=random_weights,
    buffers=buffers,
    config_fields=config_fields,
)

if __name__ == "__main__":
    FAMILY.write(CASES)
