#!/usr/bin/env bash
# Sends signals to ranks of small jobs at random moments, from the start of the launcher to the last file, and counts how
# the jobs end: soon (3 s; a stopped rank: when --silence is over), non-zero, with one sentence, without a file or a
# process left; a killed job is started again, and must give the map of an undisturbed run.
#   tests/cluster/kill-matrix.sh [RUNS [SEED [SIGNAL ...]]]    so many runs (20) for each launcher, signal (KILL TERM INT
#                                                              STOP), and rank 0 or 2 of 3
# LAUNCHERS says which launchers: openmpi and mpich; srun-pmix and srun-pmi2 are SLURM's, on a cluster of two nodes that
# slurm.sh starts, as root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

runs=${1:-20}
RANDOM=${2:-1}
signals=("${@:3}")
((${#signals[@]} > 0)) || signals=(KILL TERM INT STOP)
read -ra launchers <<<"${LAUNCHERS:-openmpi mpich}"
silence=2
# While MPI starts, ranks wait five times longer for each other, and for the first words of all thirty seconds; and mpirun is
# given five seconds to end by itself.
declare -A limit=([KILL]=3 [TERM]=3 [INT]=3 [STOP]=38)
scripts/locscale-mpi --version >/dev/null
program=$PWD/src/LocScale.Mpi/bin/Release/net10.0/locscale-mpi
if dotnet=$(command -v dotnet); then
    DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$dotnet")")}
    export DOTNET_ROOT
fi
folder=$(mktemp -d)
cluster=$folder/cluster
trap '[[ ! -d $cluster ]] || tests/cluster/slurm.sh stop "$cluster"; rm -rf "$folder"' EXIT
if [[ ${launchers[*]} == *srun* ]]; then
    tests/cluster/slurm.sh start "$cluster" >/dev/null
    # shellcheck source=/dev/null
    source "$cluster/environment"
    # Steps of one job begin at once.
    SLURM_JOB_ID=$(salloc --no-shell -N2 -n3 2>&1 | sed -n 's/.*Granted job allocation //p')
    export SLURM_JOB_ID
fi
"$program" example "$folder" >/dev/null
job=(-hm "$folder/half1.mrc" "$folder/half2.mrc" -mc "$folder/model.pdb" -mpi -v --checkpoint_interval 0 --silence "$silence"
    -o "$folder/run/out.mrc")
failures=0

# A launcher's command line.
launch() {
    case $1 in
        openmpi) echo mpirun.openmpi --oversubscribe --bind-to none -np 3 ;;
        mpich) echo mpirun.mpich -np 3 ;;
        srun-*) echo srun -N2 -n3 --overlap --mpi="${1#srun-}" --kill-on-bad-exit=1 ;;
    esac
}

# The voxels of a map, without its header, which tells the time.
voxels() {
    tail -c +1025 "$1" | sha256sum
}

milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

# The processes of the job; with an argument, that of a rank.
processes() {
    local process
    for process in $(pgrep --full "^$program .*$folder" || true); do
        if [[ $# -eq 0 ]] || { tr '\0' '\n' <"/proc/$process/environ"; } 2>/dev/null |
            grep --quiet --extended-regexp "^(OMPI_COMM_WORLD_RANK|PMI_RANK|SLURM_PROCID)=$1\$"; then
            echo "$process"
        fi
    done
}

# One run that is disturbed; tells what was wrong, or nothing. Fails where it was over before.
disturb() {
    local implementation=$1 signal=$2 rank=$3 moment=$4 victim='' begin status=0 seconds sentences left
    rm -rf "$folder/run"
    mkdir "$folder/run"
    # What a shell starts in the background ignores Ctrl-C; env gives it back.
    # shellcheck disable=SC2046
    env --default-signal=INT $(launch "$implementation") "$program" "${job[@]}" >"$folder/log" 2>&1 </dev/null &
    local launcher=$!
    sleep "$moment"
    while [[ -z $victim ]] && kill -0 "$launcher" 2>/dev/null; do
        victim=$(processes "$rank")
    done
    begin=$(milliseconds)
    if [[ -z $victim ]] || ! kill "-$signal" "$victim" 2>/dev/null; then
        wait "$launcher" || true
        return 1
    fi
    # A run that hangs must not hang this script.
    (sleep 60 && kill -KILL "$launcher" $(processes) 2>/dev/null) >/dev/null 2>&1 &
    local guard=$!
    wait "$launcher" || status=$?
    seconds=$((($(milliseconds) - begin) / 100))
    { pkill --parent "$guard"; kill "$guard"; wait "$guard"; } 2>/dev/null || true
    if [[ -f $folder/run/out.mrc ]]; then
        return 1
    fi
    echo "$seconds $status" >>"$folder/ends"
    ((status != 0)) || echo "exit code 0; "
    ((seconds <= 10 * ${limit[$signal]})) || echo "ended after $((seconds / 10)).$((seconds % 10)) s; "
    # Who is killed says nothing, and the launchers do; the others may be gone before they can.
    sentences=$(grep --count '^locscale-mpi: ' "$folder/log" || true)
    ((sentences == 1)) || [[ $signal == KILL && $sentences -eq 0 ]] || echo "$sentences sentences; "
    # Hydra does not wait for ranks that it has killed.
    for ((i = 0; i < 20; i++)); do
        [[ -n $(processes) ]] || break
        sleep 0.1
    done
    [[ -z $(processes) ]] || echo "processes left; "
    left=$(find "$folder/run" -type f ! -path '*/locscale_checkpoint/*' -printf '%f ')
    # Nobody can take away the files of a rank 0 that is killed: the next run does.
    [[ -z $left || ($signal == KILL && $rank -eq 0) || ($signal == STOP && $rank -eq 0) ]] || echo "left $left; "
    if [[ $signal == KILL ]]; then
        # shellcheck disable=SC2046
        $(launch "$implementation") "$program" "${job[@]}" >"$folder/resumed" 2>&1 </dev/null || echo "cannot go on; "
        [[ $(voxels "$folder/run/out.mrc") == "$expected" ]] || echo "another map; "
        [[ $(find "$folder/run" -type f -printf '%f\n' | sort) == "$files" ]] || echo "files left by the resumed run; "
    fi
    return 0
}

for implementation in "${launchers[@]}"; do
    mkdir -p "$folder/run"
    begin=$(milliseconds)
    # shellcheck disable=SC2046
    $(launch "$implementation") "$program" "${job[@]}" >/dev/null 2>&1 </dev/null
    length=$(($(milliseconds) - begin))
    expected=$(voxels "$folder/run/out.mrc")
    files=$(find "$folder/run" -type f -printf '%f\n' | sort)
    for signal in "${signals[@]}"; do
        for rank in 0 2; do
            : >"$folder/ends"
            good=0
            over=0
            for ((run = 0; run < runs; )); do
                moment=$(awk -v share="$RANDOM" -v length_="$length" 'BEGIN { printf "%.3f", share / 32768 * length_ / 1000 }')
                if wrong=$(disturb "$implementation" "$signal" "$rank" "$moment"); then
                    run=$((run + 1))
                    if [[ -z $wrong ]]; then
                        good=$((good + 1))
                    else
                        echo "  after $moment s: ${wrong//$'\n'/}$(tail -n 3 "$folder/log" | tr '\n' '|')"
                    fi
                else
                    over=$((over + 1))
                fi
            done
            worst=$(sort --numeric-sort "$folder/ends" | tail -n 1 | cut -d ' ' -f 1)
            echo "$implementation, SIG$signal to rank $rank: $good of $runs as they should, $((worst / 10)).$((worst % 10)) s at most," \
                "exit codes $(cut -d ' ' -f 2 "$folder/ends" | sort --unique | tr '\n' ' '); $over more were over before"
            ((good == runs)) || failures=1
        done
    done
done
exit "$failures"
