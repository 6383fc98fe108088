#!/usr/bin/env bash
# From a fresh Debian machine with the .NET SDK to a sharpened map: installs what is missing, builds, makes the
# example data and sharpens it with two processes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

scripts/install-packages.sh run
scripts/locscale-mpi example example

mpirun=(mpirun)
if command -v mpirun.openmpi >/dev/null; then
    mpirun=(mpirun.openmpi)
    # Open MPI counts cores, not hardware threads.
    cores=$(lscpu --parse=CORE,SOCKET | grep -v '^#' | sort -u | wc -l)
    if [[ $cores -lt 2 ]]; then
        mpirun+=(--oversubscribe)
    fi
fi
"${mpirun[@]}" -np 2 scripts/locscale-mpi \
    -hm example/half1.mrc example/half2.mrc -mc example/model.pdb \
    -o example/out.mrc -v -mpi

echo "The sharpened map is $PWD/example/out.mrc; the half maps it was made from and the model lie beside it."
