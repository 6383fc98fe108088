#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test, those under mpirun included. The last line sums them up:
# 'N passed, N failed, N skipped'.
#   scripts/test.sh           all but the category Exhaustive: more cases of what others show as well, and long simulations
#   scripts/test.sh --all     these too
#   scripts/test.sh --fast    for the work in between: every project, without the long simulations (category Long) and
#                             the runs under mpirun (category Mpirun)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

filter=(--filter 'TestCategory!=Exhaustive')
case ${1:-} in
    '') ;;
    --all) filter=() ;;
    --fast) filter=(--filter 'TestCategory!=Long&TestCategory!=Mpirun&TestCategory!=Exhaustive') ;;
    *)
        echo "usage: $0 [--fast|--all]" >&2
        exit 2
        ;;
esac

scripts/install-packages.sh test
# One compiler serves all projects. It would outlive the build, and whoever reads the output of this script would wait
# for it: it gets no output of ours, and is sent away.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
built=0
dotnet build LocScale.Mpi.sln --configuration Release -nodeReuse:false -p:UseSharedCompilation=true --verbosity quiet \
    </dev/null >"$log" 2>&1 || built=$?
dotnet build-server shutdown --vbcscompiler </dev/null >/dev/null 2>&1
cat "$log"
[[ $built -eq 0 ]] || exit "$built"
# The tests that start the program under mpirun find it built.
scripts/locscale-mpi --version

results=$PWD/TestResults
rm -rf "$results"
mkdir "$results"
begin=$SECONDS

# Runs the tests of a project and prints what they say in one piece.
run() {
    local name status=0
    name=$(basename "$1" .csproj)
    dotnet test "$1" --configuration Release --no-build --results-directory "$results" "${filter[@]}" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=normal" \
        </dev/null >"$results/$name.log" 2>&1 || status=1
    if [[ ! -f $results/$name.trx ]]; then
        echo "$name left no results." >>"$results/$name.log"
        status=1
    fi
    flock "$results" cat "$results/$name.log"
    return "$status"
}

# Two projects at a time, the longest ones first; that of whole runs last, when a core is free. The tests of MPI have the
# machine for themselves: ranks that wait for each other keep a core busy. What --fast leaves of them does not need it.
tests_of() { echo "tests/LocScale.$1.Tests/LocScale.$1.Tests.csproj"; }
beside=()
for name in Refinement Mpi Maps Models Scaling; do
    beside+=("$(tests_of "$name")")
done
whole=$(tests_of EndToEnd)
alone=("$(tests_of Interop.Mpi)")
for project in tests/*.Tests/*.csproj; do
    [[ " ${beside[*]} ${alone[*]} $whole " == *" $project "* ]] || beside+=("$project")
done
if [[ ${1:-} == --fast ]]; then
    beside=("$whole" "${beside[@]}" "${alone[@]}")
    alone=()
else
    beside+=("$whole")
fi

status=0
running=0
for project in "${beside[@]}"; do
    if [[ $running -eq 2 ]]; then
        wait -n || status=1
        running=1
    fi
    run "$project" &
    running=$((running + 1))
done
for ((; running > 0; running--)); do
    wait -n || status=1
done
for project in "${alone[@]}"; do
    run "$project" || status=1
done

# Once more what failed, by name and reason: of a long log people see the end.
for log in "$results"/*.log; do
    sed --quiet '/^  Failed .*\[.*\]$/,/^  Stack Trace:/{/^  Stack Trace:/!p}' "$log"
done

# One element a test; the counters of the format leave skipped tests out.
count() {
    { grep --no-filename --only-matching '<UnitTestResult [^>]*' "$results"/*.trx || true; } |
        { grep --count --extended-regexp "outcome=\"($1)\"" || true; }
}
passed=$(count Passed)
skipped=$(count 'NotExecuted|Inconclusive')
all=$(count '[A-Za-z]*')
failed=$((all - passed - skipped))
if [[ $passed -eq 0 || $failed -gt 0 ]]; then
    status=1
elif [[ $status -ne 0 ]]; then
    echo "A test run broke off; see above." >&2
fi
echo "The tests took $((SECONDS - begin)) s."
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
