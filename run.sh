#!/usr/bin/env bash
# Sets up what is missing, runs every notebook with dotnet-repl, and names the pages to open.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/common.sh"

if (($#)); then
    echo "usage: ./run.sh (it takes no arguments; ./logitscope --help lists what else there is)" >&2
    exit 2
fi

# Ctrl-C ends the notebook that runs and this script, which would else go on with the next.
trap 'echo; exit 130' INT

# A notebook runs in its own folder: what the environment names is named from here.
for variable in LOGITSCOPE_MODEL LOGITSCOPE_DATA LOGITSCOPE_OUT; do
    if [[ -e ${!variable:-} || $variable == LOGITSCOPE_OUT && -n ${!variable:-} ]]; then
        export "$variable=$(readlink -m "${!variable}")"
    fi
done

# run_notebook FILE: later cells run on after one that fails; the exit code is then 2. So short a process gains nothing from
# profiling its own code, and from collecting its garbage often.
run_notebook() (
    export DOTNET_TieredPGO=0 DOTNET_gcConcurrent=0 DOTNET_GCgen0size=0x8000000
    cd "$root/notebooks" && dotnet repl --run "$1" --exit-after-run --output-path "$executed/$1" --output-format ipynb
)

"$root/eng/setup.sh"
cd "$root"
engines="Restoring the notebook engines"
step "$engines" dotnet tool restore || fail "the whole log is $(log_of "$engines")"

executed=$root/out/notebooks
mkdir -p "$executed"
results=()
for notebook in notebooks/*.ipynb; do
    name=${notebook##*/}
    text="$name, $(grep -c '"cell_type": "code"' "$notebook") cells"
    rm -f "$executed/$name"
    status=0
    step "$text" run_notebook "$name" || status=$?
    if ((status != 0 && status != 2)) || [[ ! -f $executed/$name ]]; then
        fail "dotnet-repl ended with exit code $status and left no result; the whole log is $(log_of "$text")"
    fi
    results+=("$executed/$name")
done

status=0
pages=$(dotnet "$artifacts/cli/logitscope.dll" page "${results[@]}" --out "$executed" --source notebooks) || status=$?
((status == 0 || status == 2)) || exit "$status"
echo "Pages to open:"
while read -r page; do echo "  $page"; done <<<"$pages"
exit "$status"
