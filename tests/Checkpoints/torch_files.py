"""Writes the files of tests/Checkpoints/TorchFiles with torch.save; run it with Debian's python3-torch:

    /usr/bin/python3 tests/Checkpoints/torch_files.py [FOLDER]

One model, tests/Golden/gptj/one-layer, in each format; the first also carries the buffers of old checkpoints:

    pytorch/, sharded-pytorch/, sharded-safetensors/

and tensors of every kind that a state dict may hold, each beside the same numbers in row order as safetensors:

    kinds.bin, kinds.safetensors

    legacy.bin       the format before PyTorch 1.6
    checkpoint.bin   a state dict inside a dictionary with other things
"""

import json
import shutil
import sys
from collections import OrderedDict
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "Golden"
sys.path.insert(0, str(GOLDEN))
import safetensors_file  # noqa: E402

MODEL = GOLDEN / "gptj" / "one-layer"
SHARDS = 3


def write_model(folder, weights, write, file, shards):
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(MODEL / "config.json", folder)
    if shards == 1:
        write(weights, folder / file)
        return
    stem, ending = file.split(".")
    names = list(weights)
    weight_map = {}
    for number in range(shards):
        shard = f"{stem}-{number + 1:05}-of-{shards:05}.{ending}"
        mine = names[number::shards]
        write({name: weights[name] for name in mine}, folder / shard)
        weight_map |= {name: shard for name in mine}
    index = {"metadata": {"total_size": sum(t.numel() * t.element_size() for t in weights.values())}}
    (folder / f"{file}.index.json").write_text(json.dumps(index | {"weight_map": weight_map}, indent=1) + "\n")


def kinds():
    torch.manual_seed(1)
    base = torch.randn(6, 8)
    values = torch.tensor([1.5, -2.25, 0.0, 100.0, 3e-5])
    state = OrderedDict(
        float32=values,
        float64=values.double() / 3,
        float16=values.half(),
        bfloat16=values.bfloat16(),
        int64=torch.tensor([2**40, -1]),
        int32=torch.tensor([2**30, -1], dtype=torch.int32),
        int16=torch.tensor([2**14, -1], dtype=torch.int16),
        int8=torch.tensor([127, -1], dtype=torch.int8),
        uint8=torch.tensor([255, 0], dtype=torch.uint8),
        bool=torch.tensor([True, False, True]),
        scalar=torch.tensor(3.5),
        nothing=torch.zeros(0, 5),
        parameter=torch.nn.Parameter(torch.randn(2, 3)),
        base=base,
        shared=base,
        row=base[2],
        column=base[:, 3],
        transposed=base.t(),
        inner=base[1:5, 2:7],
        every_second=base[::2, 1::3],
        one_row_of_columns=base.t()[3:4],
        permuted=torch.randn(2, 3, 4).half().permute(2, 0, 1),
        strided_bytes=torch.arange(24, dtype=torch.uint8).reshape(4, 6).t(),
    )
    layer = torch.nn.LayerNorm(4)  # a module's state dict carries _metadata
    for name, tensor in layer.state_dict(prefix="module.").items():
        state[name] = tensor
    state._metadata = layer.state_dict()._metadata
    return state


def main(folder):
    weights = safetensors_file.read(MODEL / "model.safetensors")
    buffers = {
        "transformer.h.0.attn.bias": torch.ones(1, 1, 8, 8, dtype=torch.uint8).tril(),
        "transformer.h.0.attn.masked_bias": torch.tensor(-1e9),
    }
    as_bin, as_safetensors = torch.save, lambda tensors, path: safetensors_file.write(path, tensors, {"format": "pt"})
    write_model(folder / "pytorch", OrderedDict(weights | buffers), as_bin, "pytorch_model.bin", 1)
    write_model(folder / "sharded-pytorch", weights, as_bin, "pytorch_model.bin", SHARDS)
    write_model(folder / "sharded-safetensors", weights, as_safetensors, "model.safetensors", SHARDS)

    state = kinds()
    torch.save(state, folder / "kinds.bin")
    safetensors_file.write(folder / "kinds.safetensors", {name: tensor.detach() for name, tensor in state.items()})
    torch.save(state, folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": {"w": torch.ones(2)}}, folder / "checkpoint.bin")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "TorchFiles")
