#!/usr/bin/env bash
# Makes a site of docs/ with the reference of every public member: artifacts/site/index.html, to be served or opened.
# A link that leads nowhere or a comment that is wrong fails it.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

(($# == 0)) || fail "usage: eng/site.sh"
"$root/eng/setup.sh"

make_site() {
    cd "$root/docs"
    dotnet tool restore
    rm -rf "$artifacts/api" "$artifacts/site"
    dotnet docfx docfx.json --warningsAsErrors
}

locked step "Making the site" make_site || fail "the whole log is $(log_of "Making the site")"
echo "$artifacts/site/index.html"
