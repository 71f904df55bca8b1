"""Writes the fixtures of one model family; gptj.py, gpt2.py, llama.py (Mistral and Qwen too), gemma.py and neox.py say what the family is.

Each folder <family>/<name> is a small random model with odd sizes:

    config.json           HuggingFace's fields; some folders leave out those that have a default
    model.safetensors     float32, HuggingFace's tensor names
    expected.safetensors  ids [position]; {float32,float64}.logits [position, vocabulary];
                          {float32,float64}.resid_{pre,post}.{layer} [position, hidden];
                          patched.{number}.logits, float64, for each entry of patches.json
    sites.safetensors     float64, of the same ids: attn_out, mlp_out and, where there is one, resid_mid.{layer}
                          [position, hidden]; heads.{layer} [position, head, head_size]; pattern.{layer} [head, query, key];
                          gradient.{resid_pre,resid_post}.{layer} [position, hidden] of the last position's logit 0 - logit 1
    patches.json          edits made in one run of target_ids, each with the vector that the unpatched run of source_ids
                          has at (source_site, source_layer, source_position)
    generations.json      greedy tokens after a prompt, plain and with edits to the prompt; no cache, float64

Layers and positions are 0-based. Weights come from Python's own generator, so they are the same on every machine; the
last bits of the expected numbers depend on the machine's BLAS. No fixture is written that a second implementation does
not confirm, that a misreading of the family would pass, or whose greedy choices are close calls.
"""

import json
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import torch

import safetensors_file
from forward_parts import Edit

NEW_TOKENS = 12
SMALLEST_MARGIN = 1e-3  # between the two largest logits wherever a golden value hangs on an argmax


@dataclass(frozen=True)
class Case:
    name: str
    config: object  # the family's, which has hidden, layers, vocabulary and context
    tokens: int
    prompt_tokens: int
    embedding_std: float = 1.0
    left_out_of_config: tuple = ()
    with_buffers: bool = False
    draw: int = 0  # another draw where the checks refuse this one


@dataclass(frozen=True)
class Family:
    name: str  # its folder, and HuggingFace's model_type
    forward: Callable  # (config, weights, ids, edits=()) -> Run
    second_opinion: Callable  # (config, weights, ids, edits=()) -> logits
    misreadings: Callable  # (config, weights, ids) -> name -> how far each misreading moves the logits
    random_weights: Callable  # (case, chance) -> name -> tensor
    buffers: Callable  # (config) -> what published checkpoints also carry, and a loader ignores
    config_fields: Callable  # (case) -> config.json, defaults included
    more_documents: Callable = lambda case, weights, chance: {}  # (case, weights, chance) -> file name -> content

    def write(self, cases):
        torch.set_num_threads(1)
        for case in cases:
            Fixture(self, case).write()
            print(f"{case.name}: written")


class Fixture:
    def __init__(self, family, case):
        self.family = family
        self.case = case
        self.config = case.config
        self.chance = random.Random(f"{case.name} {case.draw}")

    def write(self):
        single = self.family.random_weights(self.case, self.chance)
        self.weights = {name: tensor.double() for name, tensor in single.items()}
        ids = self.random_ids(self.case.tokens)
        runs = {"float32": self.family.forward(self.config, single, ids), "float64": self.forward(ids)}
        self.check(ids, runs)

        expected = {"ids": torch.tensor(ids)}
        for name, run in runs.items():
            expected[f"{name}.logits"] = run.logits
            for layer in range(self.config.layers):
                expected[f"{name}.resid_pre.{layer}"] = run.resid_pre[layer]
                expected[f"{name}.resid_post.{layer}"] = run.resid_post[layer]

        documents = {"config.json": self.config_fields(), "patches.json": self.patch_list()}
        for number, patch in enumerate(documents["patches.json"]):
            expected[f"patched.{number}.logits"] = self.patched_logits(patch)
        documents["generations.json"] = self.generations()
        documents |= self.family.more_documents(self.case, self.weights, self.chance)

        folder = Path(__file__).parent / self.family.name / self.case.name
        folder.mkdir(parents=True, exist_ok=True)
        buffers = self.family.buffers(self.config) if self.case.with_buffers else {}
        safetensors_file.write(folder / "model.safetensors", single | buffers, {"format": "pt"})
        safetensors_file.write(folder / "expected.safetensors", expected)
        safetensors_file.write(folder / "sites.safetensors", runs["float64"].sites | self.gradients(ids, runs["float64"]))
        for name, value in documents.items():
            (folder / name).write_text(json.dumps(value, indent=1) + "\n")

    def forward(self, ids, edits=()):
        return self.family.forward(self.config, self.weights, ids, edits)

    def gradients(self, ids, run):
        """By autograd, from the residual of every position as the leaf; the first layer's input, and every output."""
        places = [("resid_pre", 0)] + [("resid_post", layer) for layer in range(self.config.layers)]
        gradients = {}
        for site, layer in places:
            leaf = getattr(run, site)[layer].clone().requires_grad_()
            edits = [Edit(site, layer, position, vector) for position, vector in enumerate(leaf)]
            logits = self.forward(ids, edits).logits[-1]
            demand(torch.equal(logits, run.logits[-1]), "a residual put back changes the logits")
            (gradients[f"gradient.{site}.{layer}"],) = torch.autograd.grad(logits[0] - logits[1], leaf)
        return gradients

    def config_fields(self):
        fields = self.family.config_fields(self.case)
        fields |= {"bos_token_id": bos(self.config), "eos_token_id": bos(self.config), "model_type": self.family.name}
        return {name: fields[name] for name in sorted(fields) if name not in self.case.left_out_of_config}

    def random_ids(self, count):
        return random_ids(self.config, self.chance, count)

    def patch_list(self):
        last = self.config.layers - 1

        def edit(source, target):
            return dict(zip(("source_site", "source_layer", "source_position"), source)) | dict(
                zip(("target_site", "target_layer", "target_position"), target)
            )

        def patch(*edits):
            return {"source_ids": self.random_ids(7), "target_ids": self.random_ids(5), "edits": edits}

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

    def vectors(self, source_ids, edits):
        source = self.forward(source_ids)
        return [
            Edit(
                edit["target_site"],
                edit["target_layer"],
                edit["target_position"],
                getattr(source, edit["source_site"])[edit["source_layer"]][edit["source_position"]],
            )
            for edit in edits
        ]

    def patched_logits(self, patch):
        edits = self.vectors(patch["source_ids"], patch["edits"])
        logits = self.forward(patch["target_ids"], edits).logits
        self.confirm(logits, patch["target_ids"], edits)
        unpatched = self.forward(patch["target_ids"]).logits
        first = min(edit.position for edit in edits)
        demand(torch.equal(logits[:first], unpatched[:first]), "a patch reached an earlier position")
        demand(distance(unpatched[first:], logits[first:]) > 0.01, "a patch changes too little")
        return logits

    def generations(self):
        prompt = self.random_ids(self.case.prompt_tokens)
        source_ids = self.random_ids(6)
        edit = {"source_site": "resid_post", "source_layer": 0, "source_position": 4}
        edit |= {"target_site": "resid_post", "target_layer": 0, "target_position": self.case.prompt_tokens - 1}

        plain = self.greedy(prompt, [])
        patched = self.greedy(prompt, self.vectors(source_ids, [edit]))
        demand(plain != patched, "the patch does not change what is generated")
        return [
            {"prompt_ids": prompt, "source_ids": [], "edits": [], "generated_ids": plain},
            {"prompt_ids": prompt, "source_ids": source_ids, "edits": [edit], "generated_ids": patched},
        ]

    def greedy(self, prompt, edits):
        ids = list(prompt)
        for _ in range(NEW_TOKENS):
            ids.append(decided_argmax(self.forward(ids, edits).logits[-1]))
        generated = ids[len(prompt) :]
        demand(bos(self.config) not in generated, "an end of text was generated")
        return generated

    def check(self, ids, runs):
        self.confirm(runs["float64"].logits, ids)
        noise = distance(runs["float64"].logits, runs["float32"].logits)
        demand(noise < 1e-5, f"float32 is {noise:.1e} off, too near to the tests' 1e-4")
        for name, moved in self.family.misreadings(self.config, self.weights, ids).items():
            demand(moved > 1e-6, f"'{name}' moves the logits by {moved:.1e}, too near to the tests' 1e-9")
            print(f"{self.case.name}: '{name}' moves the logits by {moved:.0e} of the largest")

    def confirm(self, logits, ids, edits=()):
        difference = distance(logits, self.family.second_opinion(self.config, self.weights, ids, edits))
        demand(difference <= 1e-12, f"the two implementations differ by {difference:.1e}")


def normal(chance, *shape, std, mean=0.0):
    values = [chance.gauss(mean, std) for _ in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def bos(config):
    """The last token, both begin and end of text, as in GPT-J. Random ids never hold it."""
    return config.vocabulary - 1


def random_ids(config, chance, count):
    return [chance.randrange(bos(config)) for _ in range(count)]


def decided_argmax(logits):
    largest, second = sorted(logits.tolist(), reverse=True)[:2]
    demand(largest - second > SMALLEST_MARGIN * abs(largest), f"a close call: {largest} against {second}")
    return logits.tolist().index(largest)


def distance(expected, got):
    """The largest difference, as a share of the largest logit."""
    return float((expected - got).abs().max() / expected.abs().max())


def demand(holds, otherwise):
    if not holds:
        raise SystemExit(f"No further folder is written: {otherwise}.")
