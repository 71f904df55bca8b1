#!/usr/bin/env bash
# Puts plotly.min.js into a folder (for example beside Logitscope.Lib.dll), so that pages open without a network.
# Version and hash are those of lib/Charts/PlotlyLibrary.cs. Needs npm.
set -euo pipefail

folder=${1:?usage: eng/fetch-plotly.sh FOLDER}
source="$(dirname "$0")/../lib/Charts/PlotlyLibrary.cs"
version=$(grep -oE 'plotly\.js-dist-min@[0-9.]+[0-9]' "$source" | cut -d@ -f2)
expected=$(grep -oE 'sha384-[A-Za-z0-9+/=]+' "$source" | cut -d- -f2)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "plotly.js-dist-min@$version" >/dev/null && tar xzf ./*.tgz)
got=$(openssl dgst -sha384 -binary "$work/package/plotly.min.js" | openssl base64 -A)
if [[ "$got" != "$expected" ]]; then
    echo "plotly.min.js $version: expected sha384 $expected, got $got" >&2
    exit 1
fi

mkdir -p "$folder"
cp "$work/package/plotly.min.js" "$folder/"
echo "plotly.js $version is in $folder"
