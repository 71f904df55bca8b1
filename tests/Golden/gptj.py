"""Regenerates every file under tests/Golden/gptj, byte for byte:

    /usr/bin/python3 tests/Golden/gptj.py

Needs Debian's python3-torch (1.13) only. Each folder gptj/<name> is a small random GPT-J with odd sizes:

    config.json           HuggingFace's fields; some folders leave out those that have a default
    model.safetensors     float32, HuggingFace's tensor names
    expected.safetensors  ids [position]; {float32,float64}.logits [position, vocabulary];
                          {float32,float64}.resid_{pre,post}.{layer} [position, hidden];
                          patched.{number}.logits, float64, for each entry of patches.json
    patches.json          edits made in one run of target_ids, each with the vector that the unpatched run of source_ids
                          has at (source_site, source_layer, source_position)
    generations.json      greedy tokens after a prompt, plain and with edits to the prompt; no cache, float64
    sweep.json            (partial-rotary only) three methods x layers x prompts, one full pass a cell, float64

Layers and positions are 0-based. Weights come from Python's own generator, so they are the same on every machine; the
last bits of the expected numbers depend on the machine's BLAS. The script refuses to write fixtures that a second
implementation does not confirm, that a misreading of GPT-J would pass, or whose greedy choices are close calls.
"""

import json
import math
import random
from dataclasses import dataclass
from pathlib import Path

import torch

import gptj_second_opinion as second_opinion
import safetensors_file
from gptj_forward import Config, Edit, forward

FOLDER = Path(__file__).parent / "gptj"
NEW_TOKENS = 12
SMALLEST_MARGIN = 1e-3  # between the two largest logits wherever a golden value hangs on an argmax


@dataclass(frozen=True)
class Case:
    name: str
    config: Config
    tokens: int
    prompt_tokens: int
    embedding_std: float = 1.0
    left_out_of_config: tuple = ()
    with_buffers: bool = False
    swept: bool = False
    draw: int = 0  # another draw where the checks refuse this one


CASES = [
    Case(
        "partial-rotary",
        Config(hidden=48, heads=3, rotary_dim=6, layers=3, vocabulary=61, inner=192, context=32),
        tokens=11, prompt_tokens=6, swept=True, draw=2,
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


def main():
    torch.set_num_threads(1)
    for case in CASES:
        write_case(case)
        print(f"{case.name}: written")


def write_case(case):
    chance = random.Random(f"{case.name} {case.draw}")
    single = random_weights(case, chance)
    double = {name: tensor.double() for name, tensor in single.items()}
    ids = random_ids(case, chance, case.tokens)
    runs = {"float32": forward(case.config, single, ids), "float64": forward(case.config, double, ids)}
    check(case, double, ids, runs)

    expected = {"ids": torch.tensor(ids)}
    for name, run in runs.items():
        expected[f"{name}.logits"] = run.logits
        for layer in range(case.config.layers):
            expected[f"{name}.resid_pre.{layer}"] = run.resid_pre[layer]
            expected[f"{name}.resid_post.{layer}"] = run.resid_post[layer]

    documents = {"config.json": config_fields(case), "patches.json": patch_list(case, chance)}
    for number, patch in enumerate(documents["patches.json"]):
        expected[f"patched.{number}.logits"] = patched_logits(case.config, double, patch)
    documents["generations.json"] = generations(case, double, chance)
    if case.swept:
        documents["sweep.json"] = sweep(case, double, chance)

    folder = FOLDER / case.name
    folder.mkdir(parents=True, exist_ok=True)
    buffers = causal_buffers(case.config) if case.with_buffers else {}
    safetensors_file.write(folder / "model.safetensors", single | buffers, {"format": "pt"})
    safetensors_file.write(folder / "expected.safetensors", expected)
    for name, value in documents.items():
        (folder / name).write_text(json.dumps(value, indent=1) + "\n")


# The model -----------------------------------------------------------------------------------------------------------


def random_weights(case, chance):
    """Far larger than a trained model's, so that every part of the pass matters to the logits."""

    def normal(*shape, std, mean=0.0):
        values = [chance.gauss(mean, std) for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float32).reshape(shape)

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
    fields = {
        "activation_function": "gelu_new",
        "architectures": ["GPTJForCausalLM"],
        "bos_token_id": bos(config),
        "eos_token_id": bos(config),
        "layer_norm_epsilon": config.epsilon,
        "model_type": "gptj",
        "n_embd": config.hidden,
        "n_head": config.heads,
        "n_inner": None if config.inner == 4 * config.hidden else config.inner,
        "n_layer": config.layers,
        "n_positions": config.context,
        "rotary_dim": config.rotary_dim,
        "tie_word_embeddings": False,
        "vocab_size": config.vocabulary,
    }
    return {name: value for name, value in fields.items() if name not in case.left_out_of_config}


def bos(config):
    """The last token, both begin and end of text, as in GPT-J. Random ids never hold it."""
    return config.vocabulary - 1


def random_ids(case, chance, count):
    return [chance.randrange(bos(case.config)) for _ in range(count)]


# Patches -------------------------------------------------------------------------------------------------------------


def patch_list(case, chance):
    last = case.config.layers - 1

    def edit(source, target):
        return dict(zip(("source_site", "source_layer", "source_position"), source)) | dict(
            zip(("target_site", "target_layer", "target_position"), target)
        )

    def patch(*edits):
        return {"source_ids": random_ids(case, chance, 7), "target_ids": random_ids(case, chance, 5), "edits": edits}

    same_layer = [
        patch(edit((site, layer, 5), (site, layer, position)))
        for layer in range(last + 1)
        for site, position in (("resid_post", 2), ("resid_pre", 1))
    ]
    return same_layer + [
        patch(edit(("resid_post", last, 6), ("resid_pre", 0, 4))),
        patch(edit(("resid_pre", 0, 0), ("resid_post", last, 3))),
        patch(
            edit(("resid_post", 0, 3), ("resid_post", 0, 1)),
            edit(("resid_pre", last, 4), ("resid_post", 0, 2)),
            edit(("resid_post", last, 2), ("resid_pre", last, 3)),
        ),
    ]


def vectors(config, weights, source_ids, edits):
    source = forward(config, weights, source_ids)
    return [
        Edit(
            edit["target_site"],
            edit["target_layer"],
            edit["target_position"],
            getattr(source, edit["source_site"])[edit["source_layer"]][edit["source_position"]],
        )
        for edit in edits
    ]


def patched_logits(config, weights, patch):
    edits = vectors(config, weights, patch["source_ids"], patch["edits"])
    logits = forward(config, weights, patch["target_ids"], edits).logits
    confirm(logits, second_opinion.logits(config, weights, patch["target_ids"], edits))
    unpatched = forward(config, weights, patch["target_ids"]).logits
    first = min(edit.position for edit in edits)
    demand(torch.equal(logits[:first], unpatched[:first]), "a patch reached an earlier position")
    demand(second_opinion.distance(unpatched[first:], logits[first:]) > 0.01, "a patch changes too little")
    return logits


# Generations ---------------------------------------------------------------------------------------------------------


def generations(case, weights, chance):
    prompt = random_ids(case, chance, case.prompt_tokens)
    source_ids = random_ids(case, chance, 6)
    edit = {"source_site": "resid_post", "source_layer": 0, "source_position": 4}
    edit |= {"target_site": "resid_post", "target_layer": 0, "target_position": case.prompt_tokens - 1}

    plain = greedy(case.config, weights, prompt, [])
    patched = greedy(case.config, weights, prompt, vectors(case.config, weights, source_ids, [edit]))
    demand(plain != patched, "the patch does not change what is generated")
    return [
        {"prompt_ids": prompt, "source_ids": [], "edits": [], "generated_ids": plain},
        {"prompt_ids": prompt, "source_ids": source_ids, "edits": [edit], "generated_ids": patched},
    ]


def greedy(config, weights, prompt, edits):
    ids = list(prompt)
    for _ in range(NEW_TOKENS):
        ids.append(decided_argmax(forward(config, weights, ids, edits).logits[-1]))
    generated = ids[len(prompt) :]
    demand(bos(config) not in generated, "an end of text was generated")
    return generated


# Sweep ---------------------------------------------------------------------------------------------------------------


def sweep(case, weights, chance):
    config = case.config
    last = config.layers - 1
    begin = [bos(config)]
    a, b, c, placeholder, arrow, line = random_ids(case, chance, 6)
    identity = begin + [a, arrow, a, line, b, arrow, b, line, c, arrow, c, line, placeholder]
    prompts = [
        {"ids": begin + random_ids(case, chance, length - 1), "position": position}
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

    return {
        "token_identity_ids": identity,
        "logitscope_ids": begin + [placeholder],
        "prompts": prompts,
        "cells": [
            {"method": method, "layer": layer, "prompt": number} | cell(method, layer, prompt)
            for method in ("logit-lens", "token-identity", "logitscope")
            for layer in range(config.layers)
            for number, prompt in enumerate(prompts)
        ],
    }


def measures(source_logits, patched_logits):
    """In nats. The target is the model's own next token, not the text's."""
    target, predicted = decided_argmax(source_logits), decided_argmax(patched_logits)
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


def decided_argmax(logits):
    largest, second = sorted(logits.tolist(), reverse=True)[:2]
    demand(largest - second > SMALLEST_MARGIN * abs(largest), f"a close call: {largest} against {second}")
    return logits.tolist().index(largest)


# Checks --------------------------------------------------------------------------------------------------------------


def check(case, weights, ids, runs):
    confirm(runs["float64"].logits, second_opinion.logits(case.config, weights, ids))
    noise = second_opinion.distance(runs["float64"].logits, runs["float32"].logits)
    demand(noise < 1e-5, f"float32 is {noise:.1e} off, too near to the tests' 1e-4")
    for name, moved in second_opinion.misreadings(case.config, weights, ids).items():
        demand(moved > 1e-6, f"'{name}' moves the logits by {moved:.1e}, too near to the tests' 1e-9")
        print(f"{case.name}: '{name}' moves the logits by {moved:.0e} of the largest")


def confirm(logits, others):
    difference = second_opinion.distance(logits, others)
    demand(difference <= 1e-12, f"the two implementations differ by {difference:.1e}")


def demand(holds, otherwise):
    if not holds:
        raise SystemExit(f"No further folder is written: {otherwise}.")


if __name__ == "__main__":
    main()
