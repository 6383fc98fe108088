#!/usr/bin/env bash
# The folder for Windows under Debian's Wine 8: cross-builds FFTW's two libraries from Debian's sources, once, into
# publish/fftw-win-x64 (five minutes), publishes win-x64, runs the example with -mm and with -mc, and compares the maps with
# those of this machine's own program. MS-MPI cannot be run so: Wine has none.
#   tests/cluster/wine.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

scripts/install-packages.sh wine
libraries=$PWD/publish/fftw-win-x64
folder=$(mktemp -d)
export WINEPREFIX=$folder/prefix WINEDEBUG=-all
trap 'wineserver -k 2>/dev/null || true; rm -rf "$folder"' EXIT

# Without tests and tools, which Windows' libraries are not needed for. Not optimised beyond -O1, to be built sooner: the
# rounding is the same.
build_fftw() {
    local precision=$1 name=$2 part
    mkdir "$folder/$name"
    (
        cd "$folder/$name"
        # shellcheck disable=SC2086
        "$folder"/fftw-*/configure --host=x86_64-w64-mingw32 --enable-shared --disable-static --disable-fortran --disable-doc \
            --with-our-malloc --enable-sse2 $precision CFLAGS=-O1 >configure.out
        for part in support kernel simd-support dft rdft reodft api; do
            nice make --directory "$part" --jobs 2 >make.out 2>&1
        done
        nice make "$name.la" >make.out 2>&1
        cp ".libs/$name-3.dll" "$libraries"
    )
}

if [[ ! -f $libraries/libfftw3f-3.dll || ! -f $libraries/libfftw3-3.dll ]]; then
    # Sources of their own for apt, so that the system's stay as they are.
    (
        cd "$folder"
        mkdir -p "$libraries" lists/partial
        # shellcheck source=/dev/null
        echo "deb-src http://deb.debian.org/debian $(. /etc/os-release && echo "$VERSION_CODENAME") main" >sources.list
        apt=(apt-get -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists")
        "${apt[@]}" update -qq
        "${apt[@]}" source -qq --download-only fftw3
        tar xf fftw3_*.orig.tar.gz
    )
    build_fftw --enable-float libfftw3f
    build_fftw "" libfftw3
fi

rm -rf publish/locscale-mpi-*-win-x64
scripts/publish.sh win-x64
cp -r publish/locscale-mpi-*-win-x64 "$folder/published"
program=$folder/published/lib/locscale-mpi.exe
# Else Wine's runtime dies in a finalizer; Windows' needs no such thing.
sed -i 's/"configProperties": {/&\n      "Switch.System.Reflection.ForceInterpretedInvoke": true,/' \
    "$folder/published/lib/locscale-mpi.runtimeconfig.json"
grep -q ForceInterpretedInvoke "$folder/published/lib/locscale-mpi.runtimeconfig.json"
wineboot --init >/dev/null 2>&1

failures=0
# Tells what is wrong where a command fails.
require() {
    local what=$1
    shift
    if "$@"; then
        echo "$what: yes"
    else
        echo "$what: NO"
        failures=1
    fi
}

# Wine ends lines like Windows.
on_windows() {
    (cd "$folder" && wine "$program" "$@" 2>&1 | tr -d '\r')
}

on_windows --version >"$folder/version" || true
cat "$folder/version"
require "Without FFTW, each precision has a sentence and a line" test "$(grep --count 'was not found: put the 64-bit .* of PATH\.$' "$folder/version")" -eq 2
cp "$libraries"/*.dll "$folder/published/lib"
on_windows --version >"$folder/version"
cat "$folder/version"
require "FFTW is found beside the program" grep --quiet "^FFTW fftw-3" "$folder/version"

scripts/locscale-mpi example "$folder" >/dev/null
cd "$folder"
compare() {
    /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import sys
import mrcfile
import numpy
ours, theirs = (mrcfile.open(name).data.astype(float) for name in sys.argv[1:])
differing = numpy.count_nonzero(ours != theirs)
print(f"{differing} of {ours.size} voxels differ, by {abs(ours - theirs).max() / abs(ours).max():.1e} of the largest at most")
PYTHON
}
for job in "mm model_map.mrc" "mc model.pdb"; do
    read -r flag reference <<<"$job"
    arguments=(-hm half1.mrc half2.mrc "-$flag" "$reference" -v)
    "$OLDPWD/scripts/locscale-mpi" "${arguments[@]}" -o "here_$flag.mrc" >"here_$flag.log"
    begin=$SECONDS
    status=0
    on_windows "${arguments[@]}" -o "windows_$flag.mrc" >"windows_$flag.log" || status=$?
    require "-$flag ends with success, after $((SECONDS - begin)) s" test "$status" -eq 0
    require "-$flag: × and Å come out as they are" grep --quiet "80 × 80 × 80 voxels of 1.2 Å" "windows_$flag.log"
    compare "here_$flag.mrc" "windows_$flag.mrc"
done
exit "$failures"
