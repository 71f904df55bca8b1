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
    sites: dict  # "attn_out.0" and so on: attn_out, resid_mid, mlp_out [position, hidden]; heads [position, head, head_size];
    #              pattern [head, query, key]


def edited(hidden, site, layer, edits):
    replaced = {edit.position: edit.vector for edit in edits if (edit.site, edit.layer) == (site, layer)}
    return [replaced.get(position, h) for position, h in enumerate(hidden)]


def heads_of(config, vector):
    return [vector[head * config.head_size : (head + 1) * config.head_size] for head in range(config.heads)]


def attended(queries, keys, values, note, window=None, scalar=None, cap=None):
    """All are [position][head]. Each position mixes the values up to its own, of which it sees as many as the window, if there
    is one; the heads' mixtures stand side by side. Gemma's scores are divided by the root of another number than the head's size,
    and capped."""
    heads = []
    pattern = torch.zeros(len(queries[0]), len(queries), len(queries), dtype=queries[0][0].dtype)
    for here in range(len(queries)):
        past = range(max(0, here + 1 - window) if window else 0, here + 1)
        mixed = []
        for head, query in enumerate(queries[here]):
            scores = torch.stack([query @ keys[there][head] for there in past])
            shares = softmax(capped(scores / math.sqrt(scalar or len(query)), cap))
            pattern[head, here, past.start : past.stop] = shares.detach()
            mixed.append(sum(share * values[there][head] for share, there in zip(shares, past)))
        heads.append(mixed)
    note("pattern", pattern)
    note("heads", torch.stack([torch.stack(mixed) for mixed in heads]))
    return [torch.cat(mixed) for mixed in heads]


def capped(numbers, cap):
    return numbers if cap is None else cap * torch.tanh(numbers / cap)


def noted(note, site, vectors):
    """The vectors, one a position, as they are."""
    note(site, torch.stack(vectors))
    return vectors


def notes(sites, layer):
    """What puts the sites of a layer by their names."""
    return lambda site, tensor: sites.__setitem__(f"{site}.{layer}", tensor)


def layer_norm(config, weights, name, vector):
    centred = vector - vector.mean()
    variance = (centred**2).mean()
    return centred / torch.sqrt(variance + config.epsilon) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu_new(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(scores):
    powers = torch.exp(scores - scores.max())
    return powers / powers.sum()
