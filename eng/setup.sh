#!/usr/bin/env bash
# Makes this checkout ready to use: restores the packages and builds the library and the command line.
#
#   eng/setup.sh [--test-tools | --all-test-tools]    also installs the programs that only tests use, or the slow ones too
#
# It needs the .NET SDK 10 and asks nothing. What is up to date is left alone: running it again takes a second.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

set_up() {
    check_dotnet
    [[ -z ${1:-} ]] || install_test_tools "$1"
    is_built || build_dotnet
    echo "Ready: .NET SDK $sdk"
}

check_dotnet() {
    local remedy="install .NET SDK 10, the package dotnet-sdk-10.0 (https://dotnet.microsoft.com/download)"
    has dotnet || fail "there is no dotnet on the PATH: $remedy"
    sdk=$(cd "$root" && dotnet --version 2>/dev/null) ||
        fail "dotnet has $(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' ' | grep . || echo 'no SDK'): $remedy"
}

install_test_tools() {
    local missing=()
    has chromium || missing+=(chromium)
    has xz || missing+=(xz-utils)
    /usr/bin/python3 -c 'import nbformat' 2>/dev/null || missing+=(python3-nbformat)
    if [[ $1 == --all-test-tools ]]; then
        /usr/bin/python3 -c 'import nbconvert' 2>/dev/null || missing+=(jupyter-nbconvert)
        /usr/bin/python3 -c 'import jupyter_client' 2>/dev/null || missing+=(jupyter-client)
        /usr/bin/python3 -c 'import ipykernel' 2>/dev/null || missing+=(python3-ipykernel)
    fi
    ((${#missing[@]})) || return 0
    if ! has apt-get || ! can_be_root; then
        note "tests that need ${missing[*]} will be skipped: not installed, and only root can install them"
    elif ! step "Installing ${missing[*]}" apt_install "${missing[@]}"; then
        note "tests that need ${missing[*]} will be skipped: see $(log_of "Installing ${missing[*]}")"
    fi
}

can_be_root() { ((EUID == 0)) || sudo -n true 2>/dev/null; }
as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

# An update that fails is no reason to stop, if the packages can be had all the same.
apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2)
    as_root "${apt[@]}" update || true
    as_root "${apt[@]}" install -y --no-install-recommends "$@"
}

build_dotnet() {
    touch "$built.new"
    publish "Building the library" lib Logitscope.Lib.csproj
    publish "Building the command line" cli cli
    mv "$built.new" "$built"
}

# publish TEXT NAME PROJECT: into artifacts/NAME.
publish() {
    step "$1" publish_project "$artifacts/$2" "$root/$3" && return
    if grep -qE 'NU1301|NU1101' "$(log_of "$1")"; then
        fail "a NuGet package is missing here, and NuGet cannot be reached; the whole log is $(log_of "$1")"
    fi
    compiler_errors "$1"
    fail "the whole log is $(log_of "$1")"
}

case "$*" in
    "" | --test-tools | --all-test-tools) ;;
    *) fail "usage: eng/setup.sh [--test-tools | --all-test-tools]" ;;
esac
locked set_up "$@"
