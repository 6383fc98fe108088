#!/usr/bin/env bash
# A job for SLURM that survives its time limit: two minutes before, it stops, keeping what it has done, and queues itself
# again to go on; the map is the same, bit for bit. Change the numbers to those of your nodes, edit the three lines, and
# submit it from the folder of the maps: sbatch survives-time-limit.sh
#SBATCH --job-name=locscale
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=16G
#SBATCH --time=01:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=locscale-%j.log
set -euo pipefail

job=(-hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc) # the output last
program=locscale-mpi # on the PATH (module load locscale-mpi), or its full path
start=pmix           # how MPI is started here: pmix (Open MPI), pmi2 (MPICH, Intel MPI), see srun --mpi=list; or mpirun

# How many bytes are kept, beside the output, for the next run to go on with.
checkpoint=$(dirname "${job[-1]}")/locscale_checkpoint
kept() { cat "$checkpoint"/* 2>/dev/null | wc -c; }
kept_before=$(kept || true)

job+=(-mpi -np "$SLURM_CPUS_PER_TASK" -v)
if [[ $start == mpirun ]]; then
    mpirun -np "$SLURM_NTASKS" "$program" "${job[@]}" &
else
    srun --mpi="$start" --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" --cpu-bind=cores "$program" "${job[@]}" &
fi
launcher=$!

# SLURM tells this script alone; the launcher passes the signal on to all processes.
is_time_up=
trap 'is_time_up=yes; kill -USR1 "$launcher"' USR1
status=0
wait "$launcher" || status=$?
if [[ $is_time_up ]]; then
    # The signal has ended the first wait only.
    wait "$launcher" || status=$?
    if [[ $status -ne 0 && $(kept || true) -le $kept_before ]]; then
        echo "Nothing could be kept in the time of this run, and the next would get no further: give --time more." >&2
    elif [[ $status -ne 0 ]]; then
        exec scontrol requeue "$SLURM_JOB_ID"
    fi
fi
exit "$status"
