#!/usr/bin/env bash
# A job for Slurm: 4 nodes, 2 processes on each, 16 threads in each process. Change the numbers and the files, build
# once on the login node (scripts/locscale-mpi --version), and submit from the folder of the checkout:
#   sbatch scripts/slurm-job.sh
#SBATCH --job-name=locscale
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=2
#SBATCH --cpus-per-task=16
#SBATCH --time=02:00:00
#SBATCH --output=locscale-%j.log
set -euo pipefail

# Slurm runs a copy of this file from elsewhere, so the checkout is the folder of submission.
cd "${SLURM_SUBMIT_DIR:?is set by sbatch; submit this file with sbatch}"

# Where the site has environment modules, load the MPI that Slurm was built with:
#   module load openmpi
# With an MPI that has no support for Slurm, 'mpirun -np "$SLURM_NTASKS"' takes the place of srun.
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" scripts/locscale-mpi \
    -hm half1.mrc half2.mrc -mc model.pdb -ma mask.mrc -o sharpened.mrc \
    -mpi -np "$SLURM_CPUS_PER_TASK" -v
