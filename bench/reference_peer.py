"""The loop of patrickhyw/logitscope on a random GPT-J in Python: the peer of `logitscope-bench big`.

For every method, layer and prompt it runs one whole source forward and one whole target forward, one prompt at a time.
A few cells of each method are timed. Uses HuggingFace transformers where it is installed, else plain PyTorch.
"""

import argparse
import importlib.util
import time

import torch

from forward import forward, tables

HEAD, ROTARY, VOCABULARY, BOS = 256, 64, 50400, 50256


class HuggingFace:
    def __init__(self, layers, width):
        import transformers

        config = transformers.GPTJConfig(
            vocab_size=VOCABULARY, n_positions=2048, n_embd=width, n_layer=layers, n_head=width // HEAD, rotary_dim=ROTARY
        )
        self.name = f"HuggingFace transformers {transformers.__version__}"
        self.model = transformers.GPTJForCausalLM(config).eval()

    def run(self, ids, visits):
        """Logits; visits maps a layer to what happens to its output."""

        def hook(visit):
            def replace(_module, _inputs, output):
                if isinstance(output, tuple):
                    return (visit(output[0]), *output[1:])
                return visit(output)

            return replace

        blocks = self.model.transformer.h
        handles = [blocks[layer].register_forward_hook(hook(visit)) for layer, visit in visits.items()]
        try:
            return self.model(ids, use_cache=False).logits
        finally:
            for handle in handles:
                handle.remove()


class PlainTorch:
    def __init__(self, layers, width):
        self.name = "plain PyTorch (transformers is not installed)"
        self.config = {"n_embd": width, "n_head": width // HEAD, "n_layer": layers}
        shapes = {"ln_1.weight": (width,), "ln_1.bias": (width,)}
        shapes |= {f"attn.{name}_proj.weight": (width, width) for name in ("q", "k", "v", "out")}
        shapes |= {"mlp.fc_in.weight": (4 * width, width), "mlp.fc_in.bias": (4 * width,)}
        shapes |= {"mlp.fc_out.weight": (width, 4 * width), "mlp.fc_out.bias": (width,)}
        shapes = {f"transformer.h.{layer}.{name}": shape for layer in range(layers) for name, shape in shapes.items()}
        shapes |= {"transformer.wte.weight": (VOCABULARY, width), "lm_head.weight": (VOCABULARY, width)}
        shapes |= {"transformer.ln_f.weight": (width,), "transformer.ln_f.bias": (width,), "lm_head.bias": (VOCABULARY,)}
        self.weights = {name: torch.randn(shape) * 0.02 for name, shape in shapes.items()}

    def run(self, ids, visits):
        visit = lambda layer, hidden: visits[layer](hidden) if layer in visits else hidden
        return forward(self.config, self.weights, ids, *tables(ids.shape[1], ROTARY, ids.device), visit)


def make(layers, width):
    kind = HuggingFace if importlib.util.find_spec("transformers") else PlainTorch
    return kind(layers, width)


def cell(model, source, target, source_layer, target_layer, source_position):
    """Precision@1 and surprisal of one residual; the target is patched at its last token, or where the residual was."""
    seen = {}

    def read(hidden):
        seen["residual"] = hidden[0, source_position].clone()
        return hidden

    own = model.run(source, {source_layer: read})[0, source_position]
    position = source_position if target is source else target.shape[1] - 1

    def patch(hidden):
        hidden[0, position] = seen["residual"]
        return hidden

    patched = model.run(target, {target_layer: patch})[0, position]
    token = own.argmax()
    surprisal = -torch.log_softmax(patched.float(), -1)[token]
    return int(patched.argmax() == token), surprisal.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--layers", type=int, default=28)
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--prompts", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=200, help="half of the reference's longest prompt")
    options = parser.parse_args()

    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    torch.set_default_dtype(getattr(torch, options.dtype))
    started = time.perf_counter()
    if hasattr(torch, "set_default_device"):  # PyTorch 2
        torch.set_default_device(options.device)
    model = make(options.layers, options.width)
    ids = lambda count, seed: torch.tensor([[BOS, *((i * 7919 + seed) % 50257 for i in range(1, count))]], device=options.device)
    sources = [ids(options.tokens, seed) for seed in range(options.prompts)]
    last = options.layers - 1
    methods = {"logit-lens": None, "token-identity": ids(16, 1), "logitscope": ids(2, 30)}
    cell(model, sources[0], sources[0], 0, last, 5)
    print(f"{model.name}, PyTorch {torch.__version__}, {options.dtype} on {options.device}: "
          f"made in {time.perf_counter() - started:.1f} s; {options.prompts} prompts of {options.tokens} tokens\n")

    print("| method | cells timed | ms a cell | 698 prompts at every layer, s |\n|---|---|---|---|")
    total = 0.0
    layers = sorted({0, options.layers // 2, last})
    for method, target in methods.items():
        started = time.perf_counter()
        for source in sources:
            for layer in layers:
                goes_to = source if target is None else target
                cell(model, source, goes_to, layer, last if target is None else layer, options.tokens // 2)
        seconds = (time.perf_counter() - started) / len(sources) / len(layers)
        total += seconds * 698 * options.layers
        print(f"| {method} | {len(sources) * len(layers)} | {1000 * seconds:.1f} | {seconds * 698 * options.layers:.0f} |")
    print(f"| all three | | | {total:.0f} |")


if __name__ == "__main__":
    main()
