#!/usr/bin/env bash
# Makes a folder, and an archive of it, that runs on machines without .NET: copy it to a file system that all nodes see.
#   scripts/publish.sh            publish/locscale-mpi-VERSION-linux-x64, .tar.gz
#   scripts/publish.sh win-x64    the same for Windows; or linux-arm64
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

system=${1:-linux-x64}
case $system in
    linux-x64 | linux-arm64 | win-x64) ;;
    *)
        echo "usage: $0 [linux-x64|linux-arm64|win-x64]" >&2
        exit 2
        ;;
esac
version=$(dotnet msbuild src/LocScale.Mpi -getProperty:Version)
name=locscale-mpi-$version-$system
folder=publish/$name
rm -rf "$folder"

# Built apart from the checkout's own output, which stays as it is. Code compiled in advance would be slower: the
# program has its loops compiled for the processor it runs on.
dotnet publish src/LocScale.Mpi --configuration Release --runtime "$system" --self-contained \
    --artifacts-path publish/build --output "$folder/lib" --disable-build-servers --verbosity quiet \
    -p:DebugType=none -p:PublishDocumentationFiles=false -p:RunAnalyzers=false
cp -r README.md LICENSE docs "$folder"
mkdir "$folder/hostfiles"
if [[ $system == win-* ]]; then
    cp scripts/locscale-mpi.cmd "$folder"
    cp hostfiles/msmpi.hosts "$folder/hostfiles"
else
    mkdir "$folder/bin"
    # LocScale's own name too, for programs that call it.
    for command in locscale-mpi locscale; do
        ln -s ../lib/locscale-mpi "$folder/bin/$command"
    done
    cp scripts/relion-external "$folder/bin"
    cp hostfiles/openmpi.hosts hostfiles/mpich.hosts "$folder/hostfiles"
    cp -r scripts/slurm scripts/containers "$folder"
    mkdir -p "$folder/modulefiles/locscale-mpi"
    cp scripts/modulefile "$folder/modulefiles/locscale-mpi/$version"
fi
tar --create --gzip --file "publish/$name.tar.gz" --directory publish --owner=0 --group=0 "$name"
echo "$PWD/$folder, and $name.tar.gz beside it"
