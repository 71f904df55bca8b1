#!/usr/bin/env bash
# Runs every benchmark on the embedded model and prints what bench/README.md quotes. Leave the machine alone meanwhile.
#
#   bench/run.sh               all
#   bench/run.sh VERB ...      one, with its options: sweep, busy, workers, lenses, forward, rates, growth
set -euo pipefail
# shellcheck source=../eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../eng/common.sh"

cd "$root"
"$root/eng/setup.sh" >&2
locked step "Building the benchmarks" publish_project "$artifacts/bench" "$root/bench" >&2
bench() { dotnet "$artifacts/bench/logitscope-bench.dll" "$@"; }

if (($# > 0)); then
    bench "$@"
    exit
fi
for verb in sweep busy workers lenses forward rates growth; do
    printf '\n## %s\n\n' "$verb"
    bench "$verb"
done
