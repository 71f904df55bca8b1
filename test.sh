#!/usr/bin/env bash
# Builds everything and runs the checks. The last line is "N passed, N failed", and the skipped ones where there are any.
#
#   ./test.sh             everything but the slow suites
#   ./test.sh --all       the slow suites too
#   ./test.sh WORD...     only the tests whose full name contains one of the words; no check of the format
set -euo pipefail
# shellcheck source=eng/common.sh disable=SC2317
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/common.sh"

results=$artifacts/logs/tests.xml
passed=0 failed=0 skipped=0

finish() {
    local tally="$passed passed, $failed failed"
    ((skipped == 0)) || tally+=", $skipped skipped"
    echo "$tally"
    exit $((failed > 0))
}

# check TEXT COMMAND...: one more that passed or failed, with the errors of the one that failed.
check() {
    if locked step "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        compiler_errors "$1"
        return 1
    fi
}

build() { dotnet build "$root/tests" -v quiet -nologo; }

formatted() {
    local project status=0
    for project in Logitscope.Lib.csproj cli tests; do
        dotnet format "$root/$project" --verify-no-changes --no-restore || status=1
    done
    return "$status"
}

# run_tests OPTIONS...: shows failures and skips as they come, and counts from the runner's own report.
run_tests() {
    rm -f "$results"
    dotnet "$artifacts/bin/Logitscope.Tests/debug/Logitscope.Tests.dll" \
        -noLogo -noAutoReporters -xml "$results" "$@" </dev/null || true
    if [[ ! -s $results ]]; then
        echo "the tests ended without a report: the process died"
        failed=$((failed + 1))
        return
    fi
    passed=$((passed + $(counted passed)))
    failed=$((failed + $(counted failed) + $(counted errors)))
    skipped=$((skipped + $(counted skipped)))
}

counted() { grep -m 1 '<assembly ' "$results" | sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p"; }

options=(-trait- Tier=slow)
words=()
for argument; do
    case $argument in
        --all) options=() ;;
        -*)
            echo "usage: ./test.sh [--all] [WORD...]" >&2
            exit 2
            ;;
        *) words+=(-method "*$argument*") ;;
    esac
done

"$root/eng/setup.sh" --test-tools || { failed=1 && finish; }
check "Building the tests" build || finish
if ((${#words[@]} == 0)); then
    check "Checking the format" formatted || true
fi
run_tests "${options[@]}" "${words[@]}"
finish
