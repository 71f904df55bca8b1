# Sourced by the scripts of this checkout: where things are, what is built, and how to talk to the person.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
artifacts=$root/artifacts
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# The SDK then needs no ICU library, and every machine builds under the same culture.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

has() { command -v "$1" >/dev/null 2>&1; }

paint() { if [[ -t 1 && -z ${NO_COLOR:-} ]]; then printf '\e[%sm%s\e[0m' "$1" "$2"; else printf '%s' "$2"; fi; }
note() { printf '%s %s\n' "$(paint 33 note:)" "$*"; }
fail() {
    printf '%s %s\n' "$(paint 31 error:)" "$*" >&2
    exit 1
}

# log_of TEXT: where step keeps what the step of that name printed.
log_of() { printf '%s/logs/%s.log' "$artifacts" "${1//[^A-Za-z0-9]/-}"; }

# step TEXT COMMAND...: runs the command out of sight and says how long it took. COMMAND runs inside a condition, where
# set -e does not hold: chain with &&.
step() {
    local text=$1 log started=$SECONDS status=0
    shift
    log=$(log_of "$text")
    mkdir -p "${log%/*}"
    printf '  %-56s ' "$text"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if ((status == 0)); then
        printf '%4d s\n' $((SECONDS - started))
    else
        printf '%s\n' "$(paint 31 failed)"
    fi
    return "$status"
}

# compiler_errors TEXT: the errors in a step's log, each once, without the path of this checkout.
compiler_errors() {
    local lines
    lines=$(grep -E '(: |^)(fatal )?error( [A-Z]+[0-9]*)?:' -A 2 "$(log_of "$1")" |
        sed -e "s#$root/##g" -e 's# \[[^]]*proj]$##' -e '/^--$/d' | awk '!seen[$0]++' | head -n 30) || true
    printf '%s\n' "${lines:-$(tail -n 15 "$(log_of "$1")")}"
}

# locked COMMAND...: one at a time for this checkout. The lock's descriptor is closed for COMMAND, since the compiler
# servers that dotnet leaves running would hold it.
locked() (
    mkdir -p "$artifacts"
    exec 9>"$artifacts/lock"
    if ! flock --nonblock 9; then
        note "waiting for another set-up or test run in this folder"
        flock 9
    fi
    "$@" 9>&-
)

# What artifacts/lib and artifacts/cli are made from; the stamp carries the time at which the last good build began.
built=$artifacts/built
is_built() {
    local made_from=("$root"/{lib,world,cli,data,Logitscope.Lib.csproj,Directory.{Build,Packages}.props,Directory.Build.targets,global.json})
    [[ -f $built && -z $(find "${made_from[@]}" -newer "$built" -print -quit 2>/dev/null) ]]
}

# publish_project FOLDER PROJECT OPTION...: puts a program in place whole, so that one that runs from the old folder keeps
# its files. Publishing links; what the next build writes anew must not be a link.
publish_project() {
    rm -rf "$1.new" "$1.old" &&
        dotnet publish "$2" -o "$1.new" --use-current-runtime --no-self-contained -p:RunAnalyzers=false \
            -v quiet -nologo "${@:3}" &&
        for own in "$1.new"/[Ll]ogitscope*; do cp -p "$own" "$1.own" && mv "$1.own" "$own" || return; done &&
        { [[ ! -d $1 ]] || mv "$1" "$1.old"; } && mv "$1.new" "$1" && rm -rf "$1.old"
}
