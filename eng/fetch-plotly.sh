#!/usr/bin/env bash
# Puts plotly.min.js into a folder (for example beside Logitscope.Lib.dll), so that pages open without a network.
# Version and hash are those of lib/Charts/PlotlyLibrary.cs. Needs npm. The file appears whole or not at all.
set -euo pipefail

folder=${1:?usage: eng/fetch-plotly.sh FOLDER}
charts=$(dirname "$0")/../lib/Charts/PlotlyLibrary.cs
version=$(grep -m 1 -oP 'plotly\.js-dist-min@\K[0-9.]+' "$charts")
expected=$(grep -m 1 -oP 'sha384-\K[A-Za-z0-9+/=]+' "$charts")

# integrity_of FILE: its SHA-384 in base64, as browsers compare it; printf turns the hexadecimal digits into bytes.
integrity_of() { printf '%b' "$(sha384sum <"$1" | sed 's/ .*//; s/../\\x&/g')" | base64 -w0; }

# Beside the folder: on its file system, for the move; not in it, since a failure must leave its time as it was.
mkdir -p "$folder"
work=$(mktemp -d "${folder%/}.XXXXXX")
trap 'rm -rf "$work"' EXIT
npm pack --loglevel=error --pack-destination "$work" --fetch-retries=0 --fetch-timeout=60000 \
    "plotly.js-dist-min@$version" >/dev/null
tar -xzf "$work"/*.tgz -C "$work"
got=$(integrity_of "$work/package/plotly.min.js")
if [[ $got != "$expected" ]]; then
    echo "plotly.min.js $version: expected sha384 $expected, got $got" >&2
    exit 1
fi

mv "$work/package/plotly.min.js" "$folder/"
echo "plotly.js $version is in $folder"
