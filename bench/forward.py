"""Times a plain GPT-J forward pass in python3-torch, as HuggingFace writes it: the peer of `bench/run.sh forward`.

Reads one line a measurement from standard input and answers with its seconds, so that two processes can take turns.
"""

import json
import sys
import time

import torch
from torch.nn.functional import gelu, layer_norm, linear, softmax


def load(folder, dtype):
    config = json.load(open(f"{folder}/config.json"))
    with open(f"{folder}/model.safetensors", "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    kinds = {"BF16": torch.bfloat16, "F32": torch.float32, "F16": torch.float16}
    weights = {
        name: torch.frombuffer(bytearray(data[slice(*entry["data_offsets"])]), dtype=kinds[entry["dtype"]])
        .reshape(entry["shape"])
        .to(dtype)
        for name, entry in header.items()
        if name != "__metadata__"
    }
    return config, weights


def rotate(heads, sin, cos):
    dim = 2 * sin.shape[-1]
    even, odd = heads[..., 0:dim:2], heads[..., 1:dim:2]
    turned = torch.stack((even * cos - odd * sin, odd * cos + even * sin), dim=-1).flatten(-2)
    return torch.cat((turned, heads[..., dim:]), dim=-1)


def tables(tokens, rotary_dim, device=None):
    count = lambda *range: torch.arange(*range, dtype=torch.float32)
    angles = count(tokens)[:, None] / 10000 ** (count(0, rotary_dim, 2) / rotary_dim)
    hidden_mask = torch.ones(tokens, tokens, dtype=torch.bool).tril().logical_not()
    return [table.to(device) for table in (angles.sin(), angles.cos(), hidden_mask)]


def forward(config, weights, ids, sin, cos, hidden_mask, visit=lambda layer, hidden: hidden):
    count, size = config["n_head"], config["n_embd"] // config["n_head"]
    batch, tokens = ids.shape
    split = lambda x: x.view(batch, tokens, count, size).transpose(1, 2)
    hidden = weights["transformer.wte.weight"][ids]
    for layer in range(config["n_layer"]):
        get = lambda name: weights.get(f"transformer.h.{layer}.{name}")
        normed = layer_norm(hidden, (config["n_embd"],), get("ln_1.weight"), get("ln_1.bias"), 1e-5)
        q, k, v = (split(linear(normed, get(f"attn.{name}_proj.weight"))) for name in "qkv")
        q, k = rotate(q.float(), sin, cos), rotate(k.float(), sin, cos)
        scores = torch.matmul(q, k.transpose(2, 3)) / size**0.5
        mixed = torch.matmul(softmax(scores.masked_fill(hidden_mask, float("-inf")), -1).to(v.dtype), v)
        attended = linear(mixed.transpose(1, 2).reshape(batch, tokens, -1), get("attn.out_proj.weight"))
        inner = gelu(linear(normed, get("mlp.fc_in.weight"), get("mlp.fc_in.bias")), approximate="tanh")
        hidden = visit(layer, attended + linear(inner, get("mlp.fc_out.weight"), get("mlp.fc_out.bias")) + hidden)
    hidden = layer_norm(hidden, (config["n_embd"],), weights["transformer.ln_f.weight"], weights["transformer.ln_f.bias"], 1e-5)
    return linear(hidden, weights["lm_head.weight"], weights["lm_head.bias"])


def main():
    folder, dtype, batch, tokens = sys.argv[1], getattr(torch, sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    config, weights = load(folder, dtype)
    ids = (torch.arange(batch * tokens) * 7919 % config["vocab_size"]).view(batch, tokens)
    sin, cos, hidden_mask = tables(tokens, config["rotary_dim"])
    with torch.no_grad():
        print(torch.__version__, flush=True)
        print(forward(config, weights, ids, sin, cos, hidden_mask)[-1, -1].float().max().item(), flush=True)
        for _ in sys.stdin:
            started = time.perf_counter()
            forward(config, weights, ids, sin, cos, hidden_mask)
            print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
