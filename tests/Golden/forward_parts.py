"""What the forward passes of all families share."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Edit:
    """Replaces the residual of one position by `vector` where block `layer` reads it (resid_pre) or has written it
    (resid_post)."""

    site: str
    layer: int
    position: int
    vector: torch.Tensor


@dataclass(frozen=True)
class Run:
    logits: torch.Tensor  # [position, vocabulary]
    resid_pre: list  # of [position, hidden], one a layer
    resid_post: list


def edited(hidden, site, layer, edits):
    replaced = {edit.position: edit.vector for edit in edits if (edit.site, edit.layer) == (site, layer)}
    return [replaced.get(position, h) for position, h in enumerate(hidden)]


def heads_of(config, vector):
    return [vector[head * config.head_size : (head + 1) * config.head_size] for head in range(config.heads)]


def attended(queries, keys, values):
    """All are [position][head]. Each position mixes the values up to its own; the heads' mixtures stand side by side."""
    outputs = []
    for here in range(len(queries)):
        past = range(here + 1)
        mixed = []
        for head, query in enumerate(queries[here]):
            scores = torch.stack([query @ keys[there][head] for there in past])
            shares = softmax(scores / math.sqrt(len(query)))
            mixed.append(sum(shares[there] * values[there][head] for there in past))
        outputs.append(torch.cat(mixed))
    return outputs


def layer_norm(config, weights, name, vector):
    centred = vector - vector.mean()
    variance = (centred**2).mean()
    return centred / torch.sqrt(variance + config.epsilon) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu_new(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(scores):
    powers = torch.exp(scores - scores.max())
    return powers / powers.sum()
