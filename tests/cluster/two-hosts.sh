#!/usr/bin/env bash
# Two hosts on this machine, as root: network namespaces with a cable between, a name and an ssh server each, for clusters
# without a scheduler.
#   tests/cluster/two-hosts.sh start FOLDER         starts them; all their files lie in FOLDER
#   FOLDER/on-first COMMAND …                       runs a command on the first host, such as mpirun
#   FOLDER/hosts.openmpi, FOLDER/hosts.mpich        their host files, two processes a host
#   tests/cluster/two-hosts.sh cut FOLDER           cuts the cable
#   tests/cluster/two-hosts.sh stop FOLDER          takes them down
set -euo pipefail

if [[ $# -ne 2 ]]; then
    echo "usage: $0 start|cut|stop FOLDER" >&2
    exit 2
fi
mkdir -p "$2"
folder=$(cd "$2" && pwd)
number=$(cksum <<<"$folder" | cut -c 1-6)
hosts=("first-$number" "second-$number")
addresses=(10.77.61.1 10.77.61.2)

# Runs a command in the network of a host, under its name.
on() {
    local host=$1
    shift
    # shellcheck disable=SC2016
    ip netns exec "$host" unshare --uts sh -c 'hostname "$0" && exec "$@"' "$host" "$@"
}

start() {
    "$(dirname "${BASH_SOURCE[0]}")/../../scripts/install-packages.sh" hosts
    ssh-keygen -q -t ed25519 -N '' -f "$folder/key"
    cp "$folder/key.pub" "$folder/authorized"
    mkdir -p /run/sshd
    cat >"$folder/ssh_config" <<EOF
IdentityFile $folder/key
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
EOF
    printf '#!/bin/sh\nexec ssh -F "%s" "$@"\n' "$folder/ssh_config" >"$folder/ssh"
    local i host
    ip netns add "${hosts[0]}"
    ip netns add "${hosts[1]}"
    ip link add cable netns "${hosts[0]}" type veth peer name cable netns "${hosts[1]}"
    for i in 0 1; do
        host=${hosts[i]}
        ip -n "$host" address add "${addresses[i]}/24" dev cable
        ip -n "$host" link set lo up
        ip -n "$host" link set cable up
        cat >"$folder/sshd_$host" <<EOF
HostKey $folder/key
AuthorizedKeysFile $folder/authorized
ListenAddress ${addresses[i]}
PidFile $folder/$host.pid
StrictModes no
PermitRootLogin yes
UsePAM no
EOF
        on "$host" /usr/sbin/sshd -f "$folder/sshd_$host"
    done
    cat >"$folder/on-first" <<EOF
#!/bin/sh
export OMPI_MCA_plm_rsh_agent="$folder/ssh" HYDRA_LAUNCHER_EXEC="$folder/ssh" HYDRA_LAUNCHER=ssh
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
exec ip netns exec ${hosts[0]} unshare --uts sh -c 'hostname ${hosts[0]} && exec "\$@"' sh "\$@"
EOF
    chmod +x "$folder/ssh" "$folder/on-first"
    printf '%s slots=2\n' "${addresses[@]}" >"$folder/hosts.openmpi"
    printf '%s:2\n' "${addresses[@]}" >"$folder/hosts.mpich"
}

stop() {
    local host processes
    for host in "${hosts[@]}"; do
        mapfile -t processes < <(ip netns pids "$host" 2>/dev/null)
        [[ ${#processes[@]} -eq 0 ]] || kill -KILL "${processes[@]}" 2>/dev/null || true
        ip netns del "$host" 2>/dev/null || true
    done
}

case $1 in
    start)
        stop
        start
        ;;
    cut) ip -n "${hosts[1]}" link set cable down ;;
    stop) stop ;;
    *) exit 2 ;;
esac
