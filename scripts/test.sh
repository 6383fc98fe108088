#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test, those under mpirun included. The last line sums them up:
# 'N passed, N failed, N skipped'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

scripts/install-packages.sh test
dotnet build LocScale.Mpi.sln --configuration Release --disable-build-servers --verbosity quiet
# The tests that start the program under mpirun find it built.
scripts/locscale-mpi --version

results=$PWD/TestResults
rm -rf "$results"
status=0
for project in tests/*.Tests/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "$name"
    dotnet test "$project" --configuration Release --no-build --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=normal" </dev/null || status=1
    if [[ ! -f $results/$name.trx ]]; then
        echo "$name left no results." >&2
        status=1
    fi
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
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
