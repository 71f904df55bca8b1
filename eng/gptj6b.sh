#!/usr/bin/env bash
# Writes a random bfloat16 model of GPT-J 6B's shape as a HuggingFace folder (config.json, model.safetensors; ids only,
# no tokenizer): 12.1 GB, after a look at the free disk.
#
#   eng/gptj6b.sh DIR [--layers N] [--width W]      fewer or smaller layers, for a test
#
# `dotnet artifacts/bench/logitscope-bench.dll whole DIR` then loads it memory-mapped and measures the memory it takes.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

[[ ${1:--} != -* ]] || fail "usage: eng/gptj6b.sh DIR [--layers N] [--width W]"
"$root/eng/setup.sh" >&2
locked step "Building the benchmarks" publish_project "$artifacts/bench" "$root/bench" >&2 ||
    fail "the whole log is $(log_of "Building the benchmarks")"
exec dotnet "$artifacts/bench/logitscope-bench.dll" folder "$@"
