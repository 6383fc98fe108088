#!/usr/bin/env bash
# Installs the Debian packages that are missing. The packages are named here and nowhere else.
#   scripts/install-packages.sh run     what a run needs
#   scripts/install-packages.sh test    what the tests need on top
#   scripts/install-packages.sh cluster what the tests on a SLURM cluster of their own need
#   scripts/install-packages.sh hosts   what those on two hosts need
#   scripts/install-packages.sh wine    what that of the folder for Windows needs
set -euo pipefail

# openmpi-bin brings the library with it, whose package has another name in every release.
packages=(openmpi-bin libfftw3-single3 libfftw3-double3)
case ${1:-} in
    run) ;;
    # MPICH is the second MPI, its header the judge of the binding's constants and mrcfile that of the maps written; bzip2
    # makes a compressed map to read, chromium opens reports, environment-modules loads the published folder.
    test) packages+=(mpich libmpich-dev python3-mrcfile bzip2 chromium environment-modules) ;;
    # SLURM's plugin for PMIx opens the library by the name that only the development package gives it.
    cluster) packages=(munge slurmctld slurmd slurm-client slurm-wlm-basic-plugins libpmix-dev) ;;
    hosts) packages=(iproute2 openssh-client openssh-server) ;;
    wine) packages+=(wine wine64 gcc-mingw-w64-x86-64-posix make python3-mrcfile) ;;
    *)
        echo "usage: $0 run|test|cluster|hosts|wine" >&2
        exit 2
        ;;
esac

missing=()
for package in "${packages[@]}"; do
    if [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true) != 'install ok installed' ]]; then
        missing+=("$package")
    fi
done
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
    as_root=(sudo)
fi
if ! command -v apt-get >/dev/null || ! command -v "${as_root[0]:-true}" >/dev/null; then
    echo "Please install these packages, or what your system calls them: ${missing[*]}" >&2
    exit 1
fi
echo "Installing ${missing[*]}"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
