#!/usr/bin/env bash
# A job that SLURM's own time limit cuts off, on the cluster that slurm.sh makes: survives-time-limit.sh as it is shipped, with
# a limit of the whole minutes that an undisturbed run goes beyond. SLURM tells of the limit ten seconds before, or up to
# forty, for it looks every thirty. The first run must be cut off, and a later one, the second on a machine that is equally busy
# all the time, end with the map of the undisturbed one, bit for bit. Takes three times the undisturbed run, of two to three
# minutes.
#   tests/cluster/time-limit.sh [WINDOW ...]    windows of so many voxels (70 76 82 90 100 120), the first that take long enough
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

windows=("$@")
[[ $# -gt 0 ]] || windows=(70 76 82 90 100 120)
dotnet build tests/LocScale.Benchmarks --configuration Release --disable-build-servers --verbosity quiet
scripts/locscale-mpi --version
if dotnet=$(command -v dotnet); then
    DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$dotnet")")}
    export DOTNET_ROOT
fi
folder=$(mktemp -d)
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    tests/cluster/slurm.sh stop "$folder/cluster" || true
    rm -rf "$folder"
}
trap clean_up EXIT
tests/cluster/slurm.sh start "$folder/cluster"
# shellcheck source=/dev/null
source "$folder/cluster/environment"
export PATH=$PWD/src/LocScale.Mpi/bin/Release/net10.0:$PATH

benchmarks=tests/LocScale.Benchmarks/bin/Release/net10.0/LocScale.Benchmarks.dll
dotnet "$benchmarks" job "$folder" 256
inputs=(-hm "$folder/half1.mrc" "$folder/half2.mrc" -mc "$folder/model.pdb" -ma "$folder/mask.mrc" -res 3)

mkdir "$folder/plain" "$folder/limited"
for window in "${windows[@]}"; do
    begin=$SECONDS
    srun --nodes=2 --ntasks-per-node=1 --mpi=pmix --kill-on-bad-exit=1 locscale-mpi "${inputs[@]}" -wn "$window" -mpi -v -o "$folder/plain/out.mrc" >"$folder/plain/log" 2>&1
    taken=$((SECONDS - begin))
    # SLURM counts whole minutes.
    minutes=$(((taken + 10) / 60))
    echo "Undisturbed, windows of $window voxels: $taken s"
    ((minutes < 2)) || break
done
if ((minutes < 2)); then
    echo "That is too short: give a larger window." >&2
    exit 2
fi
inputs+=(-wn "$window")
echo "With a limit of $minutes minutes:"

sed -e "s|-hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc|${inputs[*]} -o out.mrc|" \
    -e 's/--nodes=4/--nodes=2/' -e 's/--ntasks-per-node=2/--ntasks-per-node=1/' -e 's/--cpus-per-task=16/--cpus-per-task=1/' \
    -e 's/--mem=16G/--mem=2G/' -e "s/--time=01:00:00/--time=$minutes/" -e 's/USR1@120/USR1@10/' \
    scripts/slurm/survives-time-limit.sh >"$folder/limited/job.sh"
id=$(sbatch --parsable --chdir="$folder/limited" "$folder/limited/job.sh")
begin=$SECONDS
for ((i = 0; i < 900; i++)); do
    sleep 1
    state=$(scontrol show job "$id")
    [[ $state =~ JobState=(PENDING|RUNNING|COMPLETING) ]] || break
done
echo "$((SECONDS - begin)) s, with the waits in the queue"
grep --extended-regexp --only-matching 'JobState=[A-Z_]*|Restarts=[0-9]*|TimeLimit=[0-9:]*' <<<"$state"
cat "$folder"/limited/*.log | tr '\r' '\n' | grep --text --extended-regexp 'stopped by|earlier run|Written' || true

failures=0
require() {
    if "${@:2}"; then echo "$1: yes"; else echo "$1: NO" && failures=1; fi
}
# The header tells the time.
same_voxels() {
    cmp --ignore-initial=1024 "$1" "$2"
}
require "The time limit has cut it off" grep --quiet 'Restarts=[1-9]' <<<"$state"
require "A later run has completed it" grep --quiet 'JobState=COMPLETED ' <<<"$state"
require "Its map is that of the undisturbed run, bit for bit" same_voxels "$folder/plain/out.mrc" "$folder/limited/out.mrc"
require "The checkpoint is gone" test ! -e "$folder/limited/locscale_checkpoint"
exit "$failures"
