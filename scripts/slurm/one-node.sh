#!/usr/bin/env bash
# A job for SLURM on one node: one process a socket, one thread a core. Change the numbers to those of your node,
# edit the three lines, and submit it from the folder of the maps: sbatch one-node.sh
#SBATCH --job-name=locscale
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --mem=16G
#SBATCH --time=02:00:00
#SBATCH --output=locscale-%j.log
set -euo pipefail

job=(-hm half1.mrc half2.mrc -mc model.pdb -o sharpened.mrc)
program=locscale-mpi # on the PATH (module load locscale-mpi), or its full path
start=pmix           # how MPI is started here: pmix (Open MPI), pmi2 (MPICH, Intel MPI), see srun --mpi=list; or mpirun

job+=(-mpi -np "$SLURM_CPUS_PER_TASK" -v)
if [[ $start == mpirun ]]; then
    exec mpirun -np "$SLURM_NTASKS" "$program" "${job[@]}"
fi
exec srun --mpi="$start" --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" --cpu-bind=cores "$program" "${job[@]}"
