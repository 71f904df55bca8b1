"""Writes huggingface.safetensors beside every fixture: what HuggingFace's own implementation makes of it.

    python3 huggingface.py        needs transformers and PyTorch 2

{float32,bfloat16}.logits [position, vocabulary] and {float32,bfloat16}.resid_post.{layer} [position, hidden], for the ids
of expected.safetensors; the header says which versions made them. Attention is "eager", the published formula step by
step: in bfloat16 the other kinds round elsewhere.

It refuses a fixture on which HuggingFace in float32 and this folder's scripts differ.
"""

import json
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM

import safetensors_file

HERE = Path(__file__).parent
LARGEST_DIFFERENCE = 1e-5  # of the largest value expected
BLOCKS = {"gptj": "transformer.h", "gpt2": "transformer.h", "gpt_neox": "gpt_neox.layers"}  # of the others: model.layers


def main():
    torch.set_num_threads(1)
    for config in sorted(HERE.glob("*/*/config.json")):
        write(config.parent)
        print(f"{config.parent.relative_to(HERE)}: written")


def write(folder):
    expected = safetensors_file.read(folder / "expected.safetensors")
    tensors = {}
    for dtype in ("float32", "bfloat16"):
        run = forward(folder, getattr(torch, dtype), expected["ids"])
        tensors |= {f"{dtype}.{name}": tensor for name, tensor in run.items()}
    for name, tensor in tensors.items():
        if name.startswith("float32"):
            demand_equal(folder, name, tensor, expected[name])
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    safetensors_file.write(folder / "huggingface.safetensors", tensors, versions)


def forward(folder, dtype, ids):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()
    run = {}

    def keep(name):
        return lambda module, inputs, output: run.update({name: first(output)[0]})

    blocks = model.get_submodule(BLOCKS.get(json.loads((folder / "config.json").read_text())["model_type"], "model.layers"))
    for layer, block in enumerate(blocks):
        block.register_forward_hook(keep(f"resid_post.{layer}"))
    with torch.no_grad():
        run["logits"] = model(ids[None], use_cache=False).logits[0]
    return run


def first(output):
    return output[0] if isinstance(output, tuple) else output


def demand_equal(folder, name, got, expected):
    difference = (got - expected).abs().max() / expected.abs().max()
    if difference > LARGEST_DIFFERENCE:
        raise SystemExit(f"{folder} {name}: HuggingFace is {difference:.1e} of the largest value away")


if __name__ == "__main__":
    main()
