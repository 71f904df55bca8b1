"""Regenerates every file under tests/Golden/llama, mistral, qwen2 and qwen3, byte for byte:

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
    # LLaMA 3.1's frequencies: of these eight some are fast, some slow, some between. LLaMA 3.2's tied head.
    Case(
        "llama3",
        Config(
            hidden=32, heads=4, key_value_heads=2, head_size=16, layers=2, vocabulary=43, inner=30, context=48, tied=True,
            theta=500.0, epsilon=1e-5, llama3=(8.0, 1.0, 4.0, 32),
        ),
        tokens=24, prompt_tokens=14, embedding_std=0.1, draw=1,
    ),
    # Biases everywhere; the frequencies as transformers 5 writes them.
    Case(
        "linear",
        Config(
            hidden=24, heads=4, key_value_heads=2, head_size=6, layers=2, vocabulary=41, inner=34, context=24, tied=False,
            theta=300.0, linear=4.0, biased="qkvo", biased_mlp=True,
        ),
        tokens=16, prompt_tokens=5, embedding_std=0.1, left_out_of_config=("rope_scaling", "rope_theta"), draw=3,
    ),
]

MISTRAL = [
    # A window of four in every layer.
    Case(
        "window",
        Config(
            hidden=24, heads=4, key_value_heads=2, head_size=6, layers=2, vocabulary=41, inner=34, context=24, tied=False,
            theta=500.0, epsilon=1e-5, window=4,
        ),
        tokens=12, prompt_tokens=7, embedding_std=0.1, draw=1,
    ),
]

QWEN2 = [
    # A window of four from the second layer on.
    Case(
        "window",
        Config(
            hidden=24, heads=2, key_value_heads=1, head_size=12, layers=3, vocabulary=41, inner=34, context=24, tied=True,
            theta=1000.0, biased="qkv", window=4, windowed_from=1,
        ),
        tokens=12, prompt_tokens=7, embedding_std=0.4, draw=1,
    ),
]

QWEN3 = [
    # Norms on queries and keys, heads wider than hidden / heads; its ids fill the context.
    Case(
        "normed",
        Config(
            hidden=24, heads=4, key_value_heads=2, head_size=8, layers=2, vocabulary=41, inner=34, context=24, tied=False,
            theta=1000.0, head_norms=True,
        ),
        tokens=24, prompt_tokens=5, embedding_std=0.1, draw=6,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def norm_weight():
        return fixtures.normal(chance, config.hidden, std=0.3, mean=1.0)

    def biases(names, size):
        return {f"{name}.bias": fixtures.normal(chance, size, std=0.5) for name in names}

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
        for name in config.biased:
            weights |= biases([f"{prefix}.self_attn.{name}_proj"], {"q": width, "o": config.hidden}.get(name, shared_width))
        if config.biased_mlp:
            weights |= biases([f"{prefix}.mlp.gate_proj", f"{prefix}.mlp.up_proj"], config.inner)
            weights |= biases([f"{prefix}.mlp.down_proj"], config.hidden)
        if config.head_norms:
            for name in "qk":
                weights[f"{prefix}.self_attn.{name}_norm.weight"] = fixtures.normal(chance, config.head_size, std=0.3, mean=1.0)
    weights["model.norm.weight"] = norm_weight()
    if not config.tied:
        weights["lm_head.weight"] = linear(config.vocabulary, config.hidden, gain=3.0)
    return weights


def buffers(config):
    frequencies = 1.0 / config.theta ** (torch.arange(0, config.head_size, 2) / config.head_size)
    return {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": frequencies for layer in range(config.layers)}


def config_fields(case):
    config = case.config
    fields = {
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
    if config.llama3:
        names = ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
        fields["rope_scaling"] = dict(zip(names, config.llama3)) | {"rope_type": "llama3"}
    if config.linear:
        fields |= {"attention_bias": True, "mlp_bias": True}
        fields["rope_parameters"] = {"factor": config.linear, "rope_theta": config.theta, "rope_type": "linear"}
    return fields


def mistral_fields(case):
    fields = config_fields(case) | {"architectures": ["MistralForCausalLM"], "sliding_window": case.config.window}
    return without(fields, "attention_bias")


def qwen2_fields(case):
    fields = config_fields(case) | {
        "architectures": ["Qwen2ForCausalLM"],
        "max_window_layers": case.config.windowed_from,
        "sliding_window": case.config.window,
        "use_sliding_window": True,
    }
    return without(fields, "attention_bias", "head_dim")


def qwen3_fields(case):
    return config_fields(case) | {
        "architectures": ["Qwen3ForCausalLM"], "max_window_layers": 28, "sliding_window": None, "use_sliding_window": False
    }


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


# Checks --------------------------------------------------------------------------------------------------------------


def second_opinion(config, weights, ids, edits=()):
    """The same pass a second way, over whole sequences; the rotation is a product of complex numbers."""

    def linear(name, hidden):
        return F.linear(hidden, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    def heads(name, hidden):
        return linear(name, hidden).unflatten(1, (-1, config.head_size))

    def norm(name, hidden):
        scale = torch.linalg.vector_norm(hidden, dim=-1, keepdim=True).square() / hidden.shape[-1] + config.epsilon
        return hidden * scale.rsqrt() * weights[f"{name}.weight"]

    group = config.heads // config.key_value_heads
    hidden = weights["model.embed_tokens.weight"][ids]
    for layer in range(config.layers):
        prefix = f"model.layers.{layer}"
        put(hidden, "resid_pre", layer, edits)
        normed = norm(f"{prefix}.input_layernorm", hidden)
        query, key, value = (heads(f"{prefix}.self_attn.{name}_proj", normed) for name in "qkv")
        if config.head_norms:
            query, key = norm(f"{prefix}.self_attn.q_norm", query), norm(f"{prefix}.self_attn.k_norm", key)
        query, key, value = turned(config, query), *(one.repeat_interleave(group, 1) for one in (turned(config, key), value))
        mixed = attended(query, key, value, config.window if layer >= config.windowed_from else None)
        hidden = hidden + linear(f"{prefix}.self_attn.o_proj", mixed)
        normed = norm(f"{prefix}.post_attention_layernorm", hidden)
        inner = F.silu(linear(f"{prefix}.mlp.gate_proj", normed)) * linear(f"{prefix}.mlp.up_proj", normed)
        hidden = hidden + linear(f"{prefix}.mlp.down_proj", inner)
        put(hidden, "resid_post", layer, edits)
    return linear("model.embed_tokens" if config.tied else "lm_head", norm("model.norm", hidden))


def turned(config, heads):
    half = config.head_size // 2
    exponent = torch.arange(half, dtype=heads.dtype) * -2 / config.head_size
    speed = config.theta**exponent / (config.linear or 1)
    if config.llama3:
        factor, low, high, original = config.llama3
        kept = ((speed * original / (2 * math.pi) - low) / (high - low)).clamp(0, 1)
        speed = torch.lerp(speed / factor, speed, kept)
    angle = torch.outer(torch.arange(len(heads), dtype=heads.dtype), speed)
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
    if 1 < config.key_value_heads < config.heads:
        found["keys shared by distant queries"] = moved(patch=instead("shared", distant_shared))
    return found | {name: moved(**change) for name, change in variant_misreadings(config, weights, instead)}


def variant_misreadings(config, weights, instead):
    if config.linear:
        yield "frequencies as they are", {"config": replace(config, linear=None)}
    if config.llama3:
        factor, low, high, original = config.llama3
        yield "frequencies as they are", {"config": replace(config, llama3=None)}
        yield "every frequency slower", {"config": replace(config, llama3=None, linear=factor)}
        yield "none between fast and slow", {"config": replace(config, llama3=(factor, low, low + 1e-9, original))}
        yield "the new context for the old", {"config": replace(config, llama3=(factor, low, high, config.context))}
    for name in config.biased:
        kept = {key: tensor for key, tensor in weights.items() if not key.endswith(f"{name}_proj.bias")}
        yield f"no bias of {name}", {"weights": kept}
    if config.biased_mlp:
        yield "no bias of the MLP", {"weights": {key: tensor for key, tensor in weights.items() if "mlp" not in key or "bias" not in key}}
    if config.head_norms:
        yield "queries and keys not normalised", {"config": replace(config, head_norms=False)}
        yield "normalised after the rotation", {"patch": instead("placed", rotated_first)}
    if config.window:
        yield "no window", {"config": replace(config, window=None)}
        yield "a window one too wide", {"config": replace(config, window=config.window + 1)}
        yield "a window one too narrow", {"config": replace(config, window=config.window - 1)}
        yield "the window in other layers", {"config": replace(config, windowed_from=1 - min(1, config.windowed_from))}


def rotated_first(config, weights, norm, head, position):
    return llama_forward.rms_norm(config, weights, norm, llama_forward.rotated(config, head, position))


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


def parallel_block(config, weights, prefix, hidden, note, window):
    def normed(name):
        return [llama_forward.rms_norm(config, weights, f"{prefix}.{name}", h) for h in hidden]

    outputs = llama_forward.attention(config, weights, f"{prefix}.self_attn", normed("input_layernorm"), note, window)
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
    replace(FAMILY, name="mistral", config_fields=mistral_fields).write(MISTRAL)
    replace(FAMILY, name="qwen2", config_fields=qwen2_fields).write(QWEN2)
    replace(FAMILY, name="qwen3", config_fields=qwen3_fields).write(QWEN3)
