#!/usr/bin/env bash
# Builds everything and runs the checks. The last line is "N passed, N failed"; the one before counts the skipped.
#
#   ./test.sh             everything but the slow suites
#   ./test.sh --all       the slow suites too
#   ./test.sh WORD...     only the tests whose full name contains one of the words; no check of the format
# build and formatted are called by name:
# shellcheck disable=SC2317
set -euo pipefail
# shellcheck source=eng/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/common.sh"

solution=$root/eng/Logitscope.slnx
format="Checking the format"
passed=0 failed=0 skipped=0

finish() {
    ((skipped == 0)) || echo "$skipped skipped"
    echo "$passed passed, $failed failed"
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

# Every project, not the tests' alone: what is not restored cannot be checked for its format.
build() { dotnet build "$solution" -v quiet -nologo; }

formatted() { dotnet format "$solution" --verify-no-changes --no-restore; }

# Tests wait for processes and browsers about a third of their time, so that three threads keep two cores busy.
# run_tests OPTIONS...: shows failures and skips as they come, and counts from the runner's own report.
run_tests() {
    local ended=0 wrong=0
    [[ -t 1 ]] || set -- -noColor "$@"
    dotnet "$artifacts/bin/Logitscope.Tests/debug/Logitscope.Tests.dll" \
        -noLogo -noAutoReporters -maxThreads 1.5x -xml "$report" "$@" </dev/null || ended=$?
    if [[ -s $report ]]; then
        wrong=$(($(counted failed) + $(counted errors)))
        passed=$((passed + $(counted passed)))
        skipped=$((skipped + $(counted skipped)))
    fi
    if [[ ! -s $report ]] || ((ended != 0 && wrong == 0)); then
        echo "the test process ended with exit code $ended and no failure to show for it: it died"
        wrong=1
    elif (($(counted total) == 0)); then
        echo "no test has any of these words in its name"
        wrong=1
    fi
    failed=$((failed + wrong))
}

counted() { grep -o '<assembly [^>]*>' "$report" | grep -oP " $1=\"\K[0-9]+"; }

options=(-trait- Tier=slow)
tools=--test-tools
words=()
for argument; do
    case $argument in
        --all)
            options=() tools=--all-test-tools
            export LOGITSCOPE_TEST_ALL=1
            ;;
        -*)
            echo "usage: ./test.sh [--all] [WORD...]" >&2
            exit 2
            ;;
        *) words+=(-method "*$argument*") ;;
    esac
done

report=$(mktemp)
trap 'rm -f "$report"' EXIT
"$root/eng/setup.sh" "$tools" || { failed=1 && finish; }
check "Building the tests" build || finish
if ((${#words[@]} > 0)); then
    run_tests "${options[@]}" "${words[@]}"
    finish
fi

# The check of the format has one thread, and the tests leave one free now and then.
formatted >"$(log_of "$format")" 2>&1 </dev/null &
checked=$!
run_tests "${options[@]}"
if wait "$checked"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "$format failed:"
    compiler_errors "$format"
fi
finish
