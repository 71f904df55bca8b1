"""Regenerates every file under tests/Golden/gptj, byte for byte:

    /usr/bin/python3 tests/Golden/gptj.py

Needs Debian's python3-torch (1.13) only. fixtures.py says what the files are; partial-rotary has one more:

    sweep.json            three methods x layers x prompts, one full pass a cell, float64
"""

import math

import torch

import fixtures
import gptj_second_opinion as second_opinion
from fixtures import Case
from forward_parts import Edit
from gptj_forward import Config, forward

SWEPT = "partial-rotary"

CASES = [
    Case(
        "partial-rotary",
        Config(hidden=48, heads=3, rotary_dim=6, layers=3, vocabulary=61, inner=192, context=32),
        tokens=11, prompt_tokens=6, draw=2,
    ),
    # The whole head turns; defaults are not in the file; embeddings small enough for the norm's epsilon to show.
    Case(
        "full-rotary",
        Config(hidden=40, heads=2, rotary_dim=20, layers=2, vocabulary=53, inner=160, context=24),
        tokens=9, prompt_tokens=5, embedding_std=0.01,
        left_out_of_config=("n_inner", "layer_norm_epsilon"), with_buffers=True,
    ),
    Case(
        "given-inner",
        Config(hidden=56, heads=7, rotary_dim=4, layers=2, vocabulary=47, inner=90, context=20, epsilon=1e-3),
        tokens=7, prompt_tokens=3, embedding_std=0.1,
    ),
    # Its ids and its generations fill the context to the last position.
    Case(
        "one-layer",
        Config(hidden=24, heads=4, rotary_dim=2, layers=1, vocabulary=37, inner=96, context=16),
        tokens=16, prompt_tokens=4, embedding_std=0.03,
    ),
    Case(
        "long",
        Config(hidden=24, heads=2, rotary_dim=8, layers=4, vocabulary=67, inner=96, context=72),
        tokens=70, prompt_tokens=40, embedding_std=0.03,
    ),
]


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def normal(*shape, std, mean=0.0):
        return fixtures.normal(chance, *shape, std=std, mean=mean)

    def linear(outputs, inputs, gain):
        return normal(outputs, inputs, std=gain / math.sqrt(inputs))

    config = case.config
    weights = {"transformer.wte.weight": normal(config.vocabulary, config.hidden, std=case.embedding_std)}
    for layer in range(config.layers):
        prefix = f"transformer.h.{layer}"
        weights |= {
            f"{prefix}.ln_1.weight": normal(config.hidden, std=0.3, mean=1.0),
            f"{prefix}.ln_1.bias": normal(config.hidden, std=0.3),
            f"{prefix}.attn.q_proj.weight": linear(config.hidden, config.hidden, gain=1.2),
            f"{prefix}.attn.k_proj.weight": linear(config.hidden, config.hidden, gain=1.2),
            f"{prefix}.attn.v_proj.weight": linear(config.hidden, config.hidden, gain=1.5),
            f"{prefix}.attn.out_proj.weight": linear(config.hidden, config.hidden, gain=1.5),
            f"{prefix}.mlp.fc_in.weight": linear(config.inner, config.hidden, gain=1.2),
            f"{prefix}.mlp.fc_in.bias": normal(config.inner, std=0.5),
            f"{prefix}.mlp.fc_out.weight": linear(config.hidden, config.inner, gain=1.5),
            f"{prefix}.mlp.fc_out.bias": normal(config.hidden, std=0.5),
        }
    return weights | {
        "transformer.ln_f.weight": normal(config.hidden, std=0.3, mean=1.0),
        "transformer.ln_f.bias": normal(config.hidden, std=0.3),
        "lm_head.weight": linear(config.vocabulary, config.hidden, gain=3.0),
        "lm_head.bias": normal(config.vocabulary, std=2.0),
    }


def causal_buffers(config):
    """What published GPT-J checkpoints also carry, and a loader ignores."""
    mask = torch.ones(1, 1, config.context, config.context, dtype=torch.bool).tril()
    return {
        f"transformer.h.{layer}.attn.{name}": tensor
        for layer in range(config.layers)
        for name, tensor in (("bias", mask), ("masked_bias", torch.tensor(-1e9)))
    }


def config_fields(case):
    config = case.config
    return {
        "activation_function": "gelu_new",
        "architectures": ["GPTJForCausalLM"],
        "layer_norm_epsilon": config.epsilon,
        "n_embd": config.hidden,
        "n_head": config.heads,
        "n_inner": None if config.inner == 4 * config.hidden else config.inner,
        "n_layer": config.layers,
        "n_positions": config.context,
        "rotary_dim": config.rotary_dim,
        "tie_word_embeddings": False,
        "vocab_size": config.vocabulary,
    }


# Sweep ---------------------------------------------------------------------------------------------------------------


def sweep(case, weights, chance):
    if case.name != SWEPT:
        return {}

    config = case.config
    last = config.layers - 1
    begin = [fixtures.bos(config)]
    a, b, c, placeholder, arrow, line = fixtures.random_ids(config, chance, 6)
    identity = begin + [a, arrow, a, line, b, arrow, b, line, c, arrow, c, line, placeholder]
    prompts = [
        {"ids": begin + fixtures.random_ids(config, chance, length - 1), "position": position}
        for length, position in ((5, 4), (9, 3), (12, 11), (1, 0), (7, 4))
    ]

    def cell(method, layer, prompt):
        source = forward(config, weights, prompt["ids"])
        vector = source.resid_post[layer][prompt["position"]]
        if method == "logit-lens":
            ids, target_layer, position = prompt["ids"], last, prompt["position"]
        else:
            ids = identity if method == "token-identity" else begin + [placeholder]
            target_layer, position = layer, len(ids) - 1
        patched = forward(config, weights, ids, [Edit("resid_post", target_layer, position, vector)])
        return measures(source.logits[prompt["position"]], patched.logits[position])

    cells = [
        {"method": method, "layer": layer, "prompt": number} | cell(method, layer, prompt)
        for method in ("logit-lens", "token-identity", "logitscope")
        for layer in range(config.layers)
        for number, prompt in enumerate(prompts)
    ]
    content = {"token_identity_ids": identity, "logitscope_ids": begin + [placeholder], "prompts": prompts}
    return {"sweep.json": content | {"cells": cells}}


def measures(source_logits, patched_logits):
    """In nats. The target is the model's own next token, not the text's."""
    target, predicted = fixtures.decided_argmax(source_logits), fixtures.decided_argmax(patched_logits)
    source, patched = log_probabilities(source_logits), log_probabilities(patched_logits)
    largest, second = sorted(patched_logits.tolist(), reverse=True)[:2]
    return {
        "target": target,
        "predicted": predicted,
        "precision_at_1": int(predicted == target),
        "surprisal": -float(patched[target]),
        "surprisal_paper": -float(source[predicted]),
        "kl": sum(math.exp(s) * (s - p) for s, p in zip(source.tolist(), patched.tolist())),
        "rank": int((patched_logits > patched_logits[target]).sum()),
        "margin": largest - second,
    }


def log_probabilities(logits):
    return logits - logits.max() - torch.log(torch.exp(logits - logits.max()).sum())


FAMILY = fixtures.Family(
    name="gptj",
    forward=forward,
    second_opinion=second_opinion.logits,
    misreadings=second_opinion.misreadings,
    random_weights=random_weights,
    buffers=causal_buffers,
    config_fields=config_fields,
    more_documents=sweep,
)

if __name__ == "__main__":
    FAMILY.write(CASES)
