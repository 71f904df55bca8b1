#!/usr/bin/env bash
# Fits every lens on two thirds of the embedded model's prompts, sweeps all techniques over the others, and writes the figures
# of the middle layer into docs/techniques.md.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

out=${1:-out/techniques}
mkdir -p "$out"
awk 'NR % 3 != 1' data/prompts.jsonl >"$out/learn.jsonl"
awk 'NR % 3 == 1' data/prompts.jsonl >"$out/test.jsonl"

fitted=()
for kind in tuned-lens affine affine-double-norm jump jacobian; do
    limit=()
    [[ $kind != jacobian ]] || limit=(--limit 125) # a backward pass for each dimension
    [[ -f $out/$kind/fitted.json ]] ||
        ./logitscope fit "$kind" --data "$out/learn.jsonl" "${limit[@]}" --per-prompt 8 --optimiser adamw --steps 100 --tokens 512 --out "$out/$kind"
    fitted+=(--fitted "$kind=$out/$kind")
done

./logitscope sweep --data "$out/test.jsonl" --per-prompt 2 --out "$out/sweep" "${fitted[@]}" \
    --methods logit-lens,token-identity,token-identity-semicolons,token-identity-words,token-identity-arrow,logitscope,logitscope-no-bos,logitscope-padded,logitscope-in-place

python3 - "$out/sweep/summary.json" docs/techniques.md <<'PYTHON'
import json, re, sys

methods = json.load(open(sys.argv[1]))["methods"]
lines = open(sys.argv[2], encoding="utf-8").read().split("\n")
for i, line in enumerate(lines):
    name = re.match(r"\| `([a-z0-9-]+)`", line)
    if name and name[1] in methods:
        curve = methods[name[1]]
        layer = len(curve["kl"]) // 2
        figures = ", ".join(
            f"{label} {curve[key][layer]:.2f} [{curve[key + '_low'][layer]:.2f}, {curve[key + '_high'][layer]:.2f}]"
            for label, key in (("p@1", "precision_at_1"), ("KL", "kl")))
        lines[i] = re.sub(r"\|[^|]*\|$", f"| {figures} |", line)
open(sys.argv[2], "w", encoding="utf-8").write("\n".join(lines))
PYTHON
