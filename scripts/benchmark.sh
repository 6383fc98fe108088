#!/usr/bin/env bash
# Measures what the README claims.
#   kernel  voxels per second of one core for several windows, against two baselines measured in the same run
#   ranks   scaling time of two ranks against that of one, and of two threads
#   memory  peak memory of rank 0 and of the largest other one, on 1, 2 and 4 ranks, beside what the plan foresees
#   halfmaps, modelmap  seconds and memory of the stages before, with one and two threads
#   refine  those of the refinement of B-factors: one thread, two threads, two ranks of one thread
#   plan    what --dry_run foresees of such a job beside what it takes: seconds of one thread's processor time, and memory
#   options what flags cost in a job of 256³ voxels: processor time and memory as ratios to the job without
#   job     a whole job on half maps of 256³ and 512³ voxels, stage by stage: one thread, two threads, two ranks
# Each row of a table is one run; nothing else should be busy on the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

scripts/install-packages.sh run
dotnet build tests/LocScale.Benchmarks --configuration Release --disable-build-servers --verbosity quiet >&2
scripts/locscale-mpi --version >&2

mpirun=(mpirun)
if command -v mpirun.openmpi >/dev/null; then
    mpirun=(mpirun.openmpi)
fi

benchmarks=tests/LocScale.Benchmarks/bin/Release/net10.0/LocScale.Benchmarks.dll
benchmark() {
    dotnet "$benchmarks" "$@"
}

# The log of a run with the given launcher and flags, over the maps in $folder.
run() {
    "$@" -em "$folder/map.mrc" -mm "$folder/model.mrc" -ma "$folder/mask.mrc" -o "$folder/out.mrc" -v
}

scaling_line() {
    grep --extended-regexp '^Scaling: .* voxels in '
}

ranks() {
    folder=$(mktemp -d)
    benchmark maps "$folder" 192 1000000
    echo "One million voxels of a 192³ map of 1 Å, windows of 26 voxels"
    for _ in 1 2 3; do
        echo "1 rank:    $(run "${mpirun[@]}" -np 1 scripts/locscale-mpi -mpi | scaling_line)"
        echo "2 ranks:   $(run "${mpirun[@]}" -np 2 scripts/locscale-mpi -mpi | scaling_line)"
        echo "2 threads: $(run scripts/locscale-mpi -np 2 | scaling_line)"
    done
    rm -r "$folder"
}

memory() {
    local edge ranks folder launch foreseen many=("${mpirun[@]}")
    [[ ${mpirun[0]} != mpirun.openmpi ]] || many+=(--oversubscribe)
    echo "edge | ranks | MB of rank 0 foreseen | taken | MB of each other foreseen | taken"
    for edge in "$@"; do
        folder=$(mktemp -d)
        benchmark job "$folder" "$edge"
        whole_job scripts/locscale-mpi --dry_run >/dev/null
        for ranks in 1 2 4; do
            foreseen=$(awk -F '[:,]' -v ranks="$ranks" '
                /"ranks":/ { team = $2 + 0 }
                /"bytes_of_rank0":/ && team == ranks { first = $2 }
                /"bytes_of_others":/ && team == ranks { others = $2 }
                END { printf "%d %d", first / 1e6, others / 1e6 }' "$folder/out_plan.json")
            launch=(scripts/locscale-mpi)
            ((ranks == 1)) || launch=("${many[@]}" -np "$ranks" scripts/locscale-mpi -mpi)
            whole_job "${launch[@]}" >"$folder/log"
            sed -n 's/.*Peak memory: rank 0 \([0-9]*\) MB\(, largest worker \([0-9]*\) MB\)*.*/\1 \3/p' "$folder/log" |
                while read -r first others; do
                    echo "$edge³ | $ranks | ${foreseen% *} | $first | ${foreseen#* } | ${others:-}"
                done
        done
        rm -r "$folder"
    done
}

# Seconds of each stage of a job, and the peak memory, a column for each way to run it.
job() {
    for edge in "$@"; do
        folder=$(mktemp -d)
        benchmark job "$folder" "$edge"
        echo "Half maps of $edge³ voxels of 1 Å, 5,000 atoms, a mask of 4 % of the box; seconds"
        # Once to no purpose, so that all find the files in memory.
        whole_job scripts/locscale-mpi >/dev/null
        whole_job scripts/locscale-mpi >"$folder/1 thread"
        whole_job scripts/locscale-mpi -np 2 >"$folder/2 threads"
        whole_job "${mpirun[@]}" -np 2 scripts/locscale-mpi -mpi >"$folder/2 ranks"
        awk -F ': ' '
            FNR == 1 { column = FILENAME; sub(".*/", "", column); columns[++count] = column }
            /^  [A-Z][^:]*: [0-9.]+ s$/ { name = substr($1, 3); stage(name, $2 + 0) }
            /^Scaling: .* voxels in / { split($0, words, " in "); stage("Scaling", words[2] + 0) }
            /^  Peak memory/ { peak[column] = substr($0, 16) }
            function stage(name, seconds) {
                if (!(name in seen)) { seen[name] = 1; names[++stages] = name }
                table[name, column] = seconds
                total[column] += seconds
            }
            END {
                printf "%-22s", "stage"
                for (c = 1; c <= count; c++) printf " | %9s", columns[c]
                print ""
                for (s = 1; s <= stages; s++) {
                    printf "%-22s", names[s]
                    for (c = 1; c <= count; c++) printf " | %9.1f", table[names[s], columns[c]]
                    print ""
                }
                printf "%-22s", "all stages"
                for (c = 1; c <= count; c++) printf " | %9.1f", total[columns[c]]
                print ""
                for (c = 1; c <= count; c++) print "peak memory, " columns[c] ": " peak[columns[c]]
            }' "$folder/1 thread" "$folder/2 threads" "$folder/2 ranks"
        rm -r "$folder"
    done
}

whole_job() {
    "$@" -hm "$folder/half1.mrc" "$folder/half2.mrc" -mc "$folder/${model:-model.pdb}" -ma "$folder/mask.mrc" -res 3 \
        -o "$folder/out.mrc" -v 2>&1
}

plan() {
    echo "edge | seconds foreseen | seconds | MB foreseen | MB"
    for edge in "$@"; do
        folder=$(mktemp -d)
        benchmark job "$folder" "$edge"
        whole_job scripts/locscale-mpi --dry_run >/dev/null
        # The first team is the one asked for.
        foreseen=$(awk -F '[:,]' '
            /"teams"/ { teams = 1 }
            teams && /"seconds":/ && !seconds { seconds = $2 }
            teams && /"bytes_of_rank0":/ && !bytes { bytes = $2 }
            END { printf "%d | %d", seconds, bytes / 1e6 }' "$folder/out_plan.json")
        TIMEFORMAT='%U %S'
        { time whole_job scripts/locscale-mpi >"$folder/log"; } 2>"$folder/time"
        echo "$edge³ | ${foreseen% |*} | $(awk '{ printf "%d", $1 + $2 }' "$folder/time") | ${foreseen#*| } | $(sed -n 's/.*Peak memory: rank 0 \([0-9]*\) MB.*/\1/p' "$folder/log")"
        rm -r "$folder"
    done
}

# A row for each way to run the job: processor time, that of scaling and what it needs, and peak memory, over the first row's.
options() {
    folder=$(mktemp -d)
    benchmark job "$folder" "$1"
    # A model without the upper part of the particle, which --complete_model has to do with.
    awk -v top="$(awk -v edge="$1" 'BEGIN { print 0.57 * edge }')" '!/^ATOM/ || substr($0, 47, 8) < top' "$folder/model.pdb" >"$folder/partial.pdb"
    whole_job scripts/locscale-mpi >/dev/null
    echo "job of $1³ voxels, one thread | s | ratio | MB | ratio"
    first=
    with "half maps, as LocScale scales" --match_amplitudes off --noise_weights off
    with "with matching, as for one map" --noise_weights off
    with "with matching and noise weights, the default" --noise_weights on
    with "with --half_maps and --local_resolution besides" --half_maps --local_resolution
    first=
    model=partial.pdb with "model of a part"
    model=partial.pdb with "with --complete_model" --complete_model
    rm -r "$folder"
}

# The log goes to nobody, its last peak into the table.
with() {
    local title=$1 seconds megabytes
    shift
    TIMEFORMAT='%U %S'
    { time whole_job scripts/locscale-mpi "$@" >"$folder/log"; } 2>"$folder/time"
    seconds=$(awk '{ print $1 + $2 }' "$folder/time")
    megabytes=$(sed -n 's/.*Peak memory: rank 0 \([0-9]*\) MB.*/\1/p' "$folder/log")
    first=${first:-$seconds $megabytes}
    awk -v title="$title" -v s="$seconds" -v mb="$megabytes" -v first="$first" 'BEGIN {
        split(first, base, " ")
        printf "%s | %.1f | %.2f | %d | %.2f\n", title, s, s / base[1], mb, mb / base[2]
    }'
}

refine() {
    if (($# > 0)); then
        benchmark refine "$@"
        return
    fi
    benchmark refine 1
    benchmark refine 2
    "${mpirun[@]}" -np 2 dotnet "$benchmarks" refine 1
}

case ${1:-} in
    kernel) benchmark kernel "${@:2}" ;;
    halfmaps | modelmap) benchmark "$@" ;;
    refine) refine "${@:2}" ;;
    ranks) ranks ;;
    plan)
        if (($# > 1)); then plan "${@:2}"; else plan 128 256 512; fi
        ;;
    memory)
        if (($# > 1)); then memory "${@:2}"; else memory 256 512; fi
        ;;
    options) options "${2:-256}" ;;
    job)
        if (($# > 1)); then job "${@:2}"; else job 256 512; fi
        ;;
    *)
        echo "Usage: $0 kernel [WINDOW] | ranks | halfmaps | modelmap | refine | options [EDGE] | memory [EDGE ...] | job [EDGE ...] | plan [EDGE ...]" >&2
        exit 2
        ;;
esac
