#!/usr/bin/env bash
# Sets up what is missing, runs every notebook on the embedded model, and names the pages to open.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if (($#)); then
    echo "usage: ./run.sh (it takes no arguments; ./logitscope --help lists what else there is)" >&2
    exit 2
fi

eng/setup.sh
status=0
./logitscope run notebooks/*.ipynb --out out/notebooks || status=$?

echo "Pages to open:"
for notebook in notebooks/*.ipynb; do
    page=out/notebooks/$(basename "$notebook" .ipynb).html
    [[ ! -f $page ]] || echo "  $PWD/$page"
done
exit "$status"
