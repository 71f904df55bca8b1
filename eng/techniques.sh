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

# The future lens's soft prompt: held-out divergence by tokens further.
[[ -f $out/soft/fitted.json ]] ||
    ./logitscope fit future-soft-prompt --data data/prompts.jsonl --layers 6 --steps 150 --tokens 256 --learning-rate 0.01 --out "$out/soft"
python3 - "$out/soft/fitted.json" docs/techniques.md <<'PYTHON'
import json, re, sys

best = min((loss["kl"] for loss in json.load(open(sys.argv[1]))["held_out"]), key=sum)
lines = open(sys.argv[2], encoding="utf-8").read().split("\n")
for i, line in enumerate(lines):
    if line.startswith("| `future-soft-prompt`"):
        figures = ", ".join(f"{kl:.2f}" for kl in best)
        lines[i] = re.sub(r"\|[^|]*\|$", f"| layer 6, held-out KL at t to t + {len(best) - 1}: {figures} |", line)
open(sys.argv[2], "w", encoding="utf-8").write("\n".join(lines))
PYTHON

# Causes: the largest indirect effect, and the largest loss, of all layers.
python3 - docs/techniques.md <<'PYTHON'
import json, re, statistics, subprocess, sys

countries = ("France Poland Japan Italy Spain Egypt Greece Norway Peru Cuba Kenya Iran "
             "Germany Austria Hungary Portugal Turkey Chile Canada Russia China India Ghana Nepal").split()

def ask(*words):
    return json.loads(subprocess.run(["./logitscope", *words, "--json"], check=True, capture_output=True, text=True).stdout)

def mean(values):
    half = 2.069 * statistics.stdev(values) / len(values) ** 0.5  # Student's, 23 degrees of freedom
    return f"{statistics.mean(values):.2f} [{statistics.mean(values) - half:.2f}, {statistics.mean(values) + half:.2f}]"

def peak(curves):
    by_layer = list(zip(*curves))
    layer = max(range(len(by_layer)), key=lambda l: abs(statistics.mean(by_layer[l])))
    return f"{mean(by_layer[layer])} around layer {layer}"

subject, last, lost, control = [], [], [], []
for country in countries:
    text = f"The capital of {country} is"
    for site, at, curve in (("mlp_out", -2, subject), ("attn_out", -1, last)):
        trace = ask("trace", "--text", text, "--subject", country, "--site", site, "--window", "3")
        curve.append([layer[trace["subject"][1] - 1 if at == -2 else -1] for layer in trace["effect"]])
    start, end = trace["subject"]
    for keys, curve in ((range(start, end), lost), (range(max(1, 2 * start - end), start), control)):
        cut = ask("knockout", "--text", text, "--keys", ",".join(map(str, keys)), "--window", "3")
        curve.append([layer["change"] for layer in cut["layers"]])

figures = {
    "trace": f"effect of mlp_out at the subject's last token {peak(subject)}; of attn_out at the last token {peak(last)}",
    "knockout": f"last to subject {peak(lost)}; to as many others {peak(control)}",
}
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
for i, line in enumerate(lines):
    name = re.match(r"\| `([a-z0-9-]+)`", line)
    if name and name[1] in figures:
        lines[i] = re.sub(r"\|[^|]*\|$", f"| {figures[name[1]]} |", line)
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(lines))
PYTHON

# Attributes, entities, hops and other models: what the verbs answer by default, at what was chosen on other rows.
python3 - docs/techniques.md <<'PYTHON'
import json, re, subprocess, sys

def ask(*words):
    return json.loads(subprocess.run(["./logitscope", *words, "--json"], check=True, capture_output=True, text=True).stdout)

def share(one):
    return f"{one['mean']:.2f} [{one['low']:.2f}, {one['high']:.2f}]"

def shares(answer, **names):
    by = {score["method"]: score for score in answer["scores"]}
    return "; ".join(f"{shown.replace('_', ' ')} {share(by[name]['at_chosen'])}" for shown, name in names.items())

def best(scores, method):
    return max((score for score in scores if score["method"] == method), key=lambda score: score["mean"])

probe, lre, extract, hops = ask("probe"), ask("lre"), ask("extract"), ask("multihop")
described, named = ask("describe"), ask("describe", "--same-word")
across = {arm["name"]: arm["best"] for arm in ask("across", "--model", "data/tiny-gptj-small")["arms"]}
top, word = best(described["scores"], "description"), best(named["scores"], "name")
other = next(score for score in described["scores"] if score["method"].endswith("another entity") and score["layer"] == top["layer"])

def precision(arm):
    cell = across[arm]
    return f"{cell['precision_at1']:.2f} [{cell['precision_at1_low']:.2f}, {cell['precision_at1_high']:.2f}]"

figures = {
    "probe": shares(probe, right="probe", shuffled_labels="probe, shuffled labels", majority="majority"),
    "lre": shares(lre, faithful="lre", shuffled="lre, shuffled", causal="lre, causality", random_direction="random direction"),
    "extract": shares(extract, right="extraction", shuffled="extraction, shuffled", any_l="extraction, any l* (oracle)", unpatched="extraction, unpatched"),
    "describe": f"ROUGE-L {share(top)} at layer {top['layer']}, the best of all; of another entity {share(other)}; said back as a word {share(word)} at layer {word['layer']}",
    "multihop": shares(hops, plain="plain question", patchscope="patchscope", any_pair="patchscope, any pair (oracle)", shuffled="patchscope, any pair (oracle), shuffled"),
    "back-patching": shares(hops, chosen="back-patching", random_vector="back-patching, random vector", any_pair="back-patching, any pair (oracle)",
                            random_vector_any_pair="back-patching, random vector, any pair (oracle)"),
    "across": "; ".join(f"{arm} {precision(arm)}" for arm in across),
}
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
for i, line in enumerate(lines):
    name = re.match(r"\| `([a-z0-9-]+)`", line)
    if name and name[1] in figures:
        lines[i] = re.sub(r"\|[^|]*\|$", lambda _: f"| {figures[name[1]]} |", line)
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(lines))
PYTHON
