#!/usr/bin/env bash
# Makes this checkout ready to use: installs what is missing, then builds the native shim, the library and the CLI.
#
#   eng/setup.sh [--test-tools]      --test-tools: also the programs that only tests use
#
# It asks nothing. What is there and up to date is left alone, so running it again takes a second or two.
# LIBTORCH=<folder> chooses a libtorch; otherwise the one inside python3's PyTorch is used, else the system's.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

required=()
test_tools=()

set_up() {
    [[ $(uname -s) == Linux ]] || fail "Logitscope needs Linux with .NET SDK 10, libtorch (1.13 or later), cmake and g++"
    check_dotnet
    find_what_is_missing
    if ((${#required[@]})); then
        install_required
        libtorch=$(find_libtorch python3) || fail "libtorch-dev is installed, but has no TorchConfig.cmake where it should be"
    fi
    prefer_openmp_blas
    if [[ ${1:-} == --test-tools ]] && ((${#test_tools[@]})); then
        install_test_tools
    fi

    mkdir -p "$native"
    build_shim
    get_plotly
    is_built || build_dotnet
    local home=${libtorch%/cmake/Torch}
    printf 'Ready: .NET SDK %s, libtorch %s (%s), %s\n' "$sdk" "$(libtorch_version)" "${home%/share}" "$plotly"
}

check_dotnet() {
    local remedy="install .NET SDK 10, the package dotnet-sdk-10.0 (https://dotnet.microsoft.com/download)"
    has dotnet || fail "there is no dotnet on the PATH: $remedy"
    sdk=$(cd "$root" && dotnet --version 2>/dev/null) ||
        fail "dotnet has $(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' ' | grep . || echo 'no SDK'): $remedy"
}

find_what_is_missing() {
    local tool
    for tool in cmake make g++; do
        has "$tool" || required+=("$tool")
    done
    libtorch=$(find_libtorch python3) || required+=(libtorch-dev)
    # Without this one, Debian's libtorch multiplies at a hundredth of the speed. PyTorch's own brings its own BLAS.
    if is_debian_libtorch && [[ -z $(openmp_blas) ]]; then
        required+=(libopenblas0-openmp)
    fi
    has chromium || test_tools+=(chromium)
    has xz || test_tools+=(xz-utils)
    /usr/bin/python3 -c 'import nbformat' 2>/dev/null || test_tools+=(python3-nbformat)
}

is_debian_libtorch() { [[ -z $libtorch || $libtorch == /usr/lib/*-linux-gnu/cmake/Torch ]]; }
openmp_blas() { compgen -G '/usr/lib/*/openblas-openmp/libblas.so.3' || true; }
libtorch_version() { sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$libtorch/TorchConfigVersion.cmake"; }

install_required() {
    local names="${required[*]}" manual="apt-get install -y --no-install-recommends ${required[*]}" reason
    [[ " $names " != *" libtorch-dev "* ]] || manual+=" (or set LIBTORCH to an unpacked libtorch)"
    has apt-get || fail "missing here: $names (Debian's names): install them with this system's package manager"
    can_be_root || fail "missing here: $names; as root, run: $manual"
    step "Installing $names" apt_install "${required[@]}" && return
    reason=$(apt_reason "Installing $names")
    fail "could not install $names: $reason; to do it by hand: $manual"
}

install_test_tools() {
    if ! has apt-get || ! can_be_root; then
        note "tests that need ${test_tools[*]} will be skipped: not installed, and only root can install them"
    elif ! step "Installing ${test_tools[*]}" apt_install "${test_tools[@]}"; then
        note "tests that need ${test_tools[*]} will be skipped: $(apt_reason "Installing ${test_tools[*]}")"
    fi
}

can_be_root() { ((EUID == 0)) || sudo -n true 2>/dev/null; }
as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

# An update that fails is no reason to stop, if the packages can be had all the same.
apt_install() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2)
    [[ -n ${lists_updated:-} ]] || as_root "${apt[@]}" update || true
    lists_updated=yes
    as_root "${apt[@]}" install -y --no-install-recommends "$@"
}

apt_reason() {
    local log
    log=$(log_of "$1")
    if grep -qE 'Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Cannot initiate' "$log"; then
        echo "the package archive cannot be reached"
    else
        grep -m 1 '^E: ' "$log" | cut -c 4- || echo "see $log"
    fi
}

# libblas.so.3 is one link for the whole system. An administrator's choice stands; Debian's own ranking puts the
# pthread build first, whose threads and libtorch's get in each other's way.
prefer_openmp_blas() {
    local library folder link
    library=$(openmp_blas | head -n 1)
    if ! is_debian_libtorch || [[ -z $library ]] || ! has update-alternatives; then
        return
    fi
    folder=${library%/*}
    for library in libblas liblapack; do
        link=$library.so.3-$(basename "${folder%/*}")
        [[ $(alternative "$link" Value) != "$folder/$library.so.3" ]] || continue
        if [[ $(alternative "$link" Status) == auto ]] && can_be_root; then
            step "Choosing OpenBLAS (OpenMP) for $library" \
                as_root update-alternatives --set "$link" "$folder/$library.so.3" && continue
        fi
        note "$library is $(alternative "$link" Value), which is slow or fights for threads with libtorch; as root, run:" \
            "update-alternatives --set $link $folder/$library.so.3"
    done
}

alternative() { update-alternatives --query "$1" 2>/dev/null | sed -n "s/^$2: //p" | head -n 1; }

# The key stands for everything the shim is made from; each libtorch has a build folder of its own.
build_shim() {
    local text build key library=$native/liblogitscope_torch.so stamp=$artifacts/shim/built-from
    text="Building the shim for libtorch $(libtorch_version)"
    build=$artifacts/shim/$(key_of "$libtorch")
    key=${build##*/}-$(cat "$root"/lib/Torch/shim/* | sha256sum | cut -c 1-16)
    [[ ! -f $library || $(cat "$stamp" 2>/dev/null) != "$key" ]] || return 0
    if ! step "$text" compile_shim "$libtorch" "$build" "$library"; then
        compiler_errors "$text"
        fail "the shim does not build against $libtorch; the whole log is $(log_of "$text")"
    fi
    echo "$key" >"$stamp"
}

# The version is the one whose address and hash the library has for the network.
get_plotly() {
    local version file=$native/plotly.min.js
    version=$(grep -m 1 -oP 'plotly\.js-dist-min@\K[0-9.]+' "$root/lib/Charts/PlotlyLibrary.cs") ||
        fail "lib/Charts/PlotlyLibrary.cs does not say which plotly.js-dist-min it loads"
    plotly="charts work offline"
    if head -c 300 "$file" 2>/dev/null | grep -qF "plotly.js v$version"; then
        return
    elif ! has npm; then
        plotly="charts load plotly.js from the network (npm, which fetches it for offline use, is not here)"
    elif ! step "Fetching plotly.js $version" "$root/eng/fetch-plotly.sh" "$native"; then
        plotly="charts load plotly.js from the network (npm could not fetch it for offline use)"
    fi
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
    if grep -q NU1301 "$(log_of "$1")"; then
        fail "a NuGet package is missing here, and NuGet cannot be reached; the whole log is $(log_of "$1")"
    fi
    compiler_errors "$1"
    fail "the whole log is $(log_of "$1")"
}

case "$*" in
    "" | --test-tools) ;;
    *) fail "usage: eng/setup.sh [--test-tools]" ;;
esac
if [[ -n ${LIBTORCH:-} ]] && ! torch_config_under "$LIBTORCH" >/dev/null; then
    fail "LIBTORCH=$LIBTORCH has no share/cmake/Torch/TorchConfig.cmake: name the folder of an unpacked libtorch, or unset it"
fi
locked set_up "$@"
