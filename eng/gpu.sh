#!/usr/bin/env bash
# Proves and times Logitscope on a machine with a GPU and PyTorch, but without .NET, in one command.
#
#   eng/gpu.sh --pack               where .NET is: artifacts/gpu/pack.tar.xz, the programs and the .NET runtime
#   eng/gpu.sh                      there, in a checkout with that file: TorchSharp over python3's PyTorch, parity with the
#                                   CPU, sweeps of GPT-J 6B's shape, and HuggingFace's GPT-J beside them
#   eng/gpu.sh --device cpu         the same with a small shape: it proves this script where there is no GPU
#
# The report goes to $OUT/report.md where OUT is set, else to artifacts/gpu/report.md. A step that fails is told in the
# report, the others run all the same, and the exit code is 1.
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"

gpu=$artifacts/gpu
pack=$gpu/pack.tar.xz
box=$gpu/box

# One runtime serves both programs, so a pack is smaller than two self-contained ones and needs no runtime package.
make_pack() {
    local from version
    "$root/eng/setup.sh"
    locked step "Packing the command line" publish_project "$gpu/pack/cli" "$root/cli" ||
        fail "the whole log is $(log_of "Packing the command line")"
    locked step "Packing the benchmarks" publish_project "$gpu/pack/bench" "$root/bench" ||
        fail "the whole log is $(log_of "Packing the benchmarks")"
    # PyTorch brings a libtorch that knows the GPU.
    rm -f "$gpu"/pack/{cli,bench}/{libtorch,libc10,libgomp,libaoti,libbackend,libjitbackend,libnnapi,libshm}*.so* \
        "$gpu"/pack/bench/plotly.min.js
    from=$(dirname "$(readlink -f "$(command -v dotnet)")")
    version=$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App \(10\.[0-9.]*\) .*/\1/p' | tail -n 1)
    rm -rf "$gpu/pack/dotnet"
    mkdir -p "$gpu/pack/dotnet/host/fxr" "$gpu/pack/dotnet/shared"/{Microsoft.NETCore.App,Microsoft.AspNetCore.App}
    cp "$from"/{dotnet,LICENSE.txt,ThirdPartyNotices.txt} "$gpu/pack/dotnet"
    cp -r "$from/host/fxr/$version" "$gpu/pack/dotnet/host/fxr"
    for name in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
        cp -r "$from/shared/$name/$version" "$gpu/pack/dotnet/shared/$name"
    done
    git -C "$root" describe --always --dirty >"$gpu/pack/commit"
    step "Compressing" tar -C "$gpu/pack" -cJf "$pack" . || fail "the whole log is $(log_of Compressing)"
    echo "$pack: $(du -h "$pack" | cut -f 1)"
}

# The python3 whose PyTorch is used, for its libtorch and for the peer.
find_python() {
    local candidate reason
    for candidate in python3 /usr/bin/python3; do
        reason=$("$candidate" -c 'import torch' 2>&1) && echo "$candidate" && return
    done
    fail "no python3 here can import torch: ${reason##*$'\n'}"
}

prepare() {
    [[ -f $pack ]] || fail "there is no $pack: run eng/gpu.sh --pack where .NET is, and bring it along"
    python=$(find_python)
    LIBTORCH=$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))')
    export LIBTORCH
    rm -rf "$box"
    mkdir -p "$box"
    "$python" -W ignore -m tarfile --extract "$pack" "$box" || fail "$pack does not unpack"
    export DOTNET_ROOT=$box/dotnet DOTNET_gcServer=0
}

logitscope() { "$DOTNET_ROOT/dotnet" "$box/cli/logitscope.dll" "$@"; }
bench() { "$DOTNET_ROOT/dotnet" "$box/bench/logitscope-bench.dll" "$@"; }

machine() {
    echo "commit $(cat "$box/commit"), $(date -u +%F), $(nproc) cores, $(uname -sr)"
    "$python" -c 'import torch; print("PyTorch", torch.__version__, "CUDA", torch.version.cuda)'
    if [[ $device == cuda ]]; then nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader; fi
}

# section TITLE COMMAND...: its output, in the report and here.
section() {
    local title=$1 started=$SECONDS status=0
    shift
    printf '\n## %s\n\n' "$title"
    "$@" 2>&1 || status=$?
    ((status == 0)) || failures=$((failures + 1))
    printf '\n(%s: exit code %d, %d s)\n' "$1" "$status" $((SECONDS - started))
}

# The command line as people use it: a sweep that goes on where it was, a continuation, a lens.
command_line() {
    local out=$gpu/sweep
    rm -rf "$out"
    echo '```' &&
        logitscope sweep --device "$device" --data "$root/data/prompts.jsonl" --limit 16 --out "$out" &&
        logitscope sweep --device "$device" --data "$root/data/prompts.jsonl" --limit 16 --out "$out" >/dev/null &&
        logitscope generate --device "$device" --text "The capital of Poland is" --max-new-tokens 5 &&
        logitscope inspect --device "$device" --dtype bfloat16 &&
        echo '```'
}

report_on_gpu() {
    section "Machine" machine
    section "Parity with the CPU" bench parity --device cuda --limit 64 --data "$root/data/prompts.jsonl"
    section "Command line" command_line
    section "TF32 on the command line" logitscope inspect --device cuda --tf32
    section "Out of memory" bench pressure --device cuda --limit 256 --data "$root/data/prompts.jsonl"
    section "Rates" bench rates --device cuda --layers 4 --prompts 128
    section "GPT-J 6B's shape, bfloat16" bench big --device cuda --layers 28 --batch 256
    section "GPT-J 6B's shape, TF32" bench big --device cuda --layers 28 --batch 256 --dtype float32 --tf32 --one-in 10
    section "GPT-J 6B's shape, float32" bench big --device cuda --layers 28 --batch 256 --dtype float32 --one-in 20
    section "The reference's loop in Python" "$python" "$root/bench/reference_peer.py" --device cuda --layers 28
}

report_on_cpu() {
    section "Machine" machine
    section "Parity with the CPU" bench parity --device cpu --limit 8 --data "$root/data/prompts.jsonl"
    section "Command line" command_line
    section "Rates" bench rates --device cpu --layers 2 --prompts 1 --tokens 32 --rounds 1
    section "A small shape" bench big --device cpu --layers 3 --width 256 --batch 16 --one-in 50
    section "The reference's loop in Python" "$python" "$root/bench/reference_peer.py" --device cpu --dtype float32 \
        --layers 3 --width 256 --prompts 1 --tokens 50
}

device=cuda
case "$*" in
    --pack)
        make_pack
        exit
        ;;
    "") ;;
    "--device cuda" | "--device cpu") device=$2 ;;
    *) fail "usage: eng/gpu.sh [--pack | --device cuda | --device cpu]" ;;
esac
report=${OUT:-$gpu}/report.md
mkdir -p "${report%/*}"
prepare
failures=0
"report_on_${device/cuda/gpu}" > >(tee "$report")
wait $!
((failures == 0)) || fail "$failures of the report's steps failed"
