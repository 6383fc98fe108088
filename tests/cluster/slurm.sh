#!/usr/bin/env bash
# A SLURM cluster of two nodes on this machine, as root: munge, a controller and two daemons of their own, on ports of
# their own, beside any other SLURM. Its default is MpiDefault=none, like SLURM's.
#   tests/cluster/slurm.sh start FOLDER    starts it; all its files lie in FOLDER
#   source FOLDER/environment              makes sbatch, srun and squeue talk to it
#   tests/cluster/slurm.sh stop FOLDER     takes it down
set -euo pipefail

usage() {
    echo "usage: $0 start|stop FOLDER" >&2
    exit 2
}
[[ $# -eq 2 ]] || usage
mkdir -p "$2"
folder=$(cd "$2" && pwd)
nodes=(n1 n2)
export SLURM_CONF=$folder/slurm.conf

# Three ports that nobody listens on.
free_ports() {
    local port found=0
    for ((port = 20000 + $$ % 20000; found < 3; port++)); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            found=$((found + 1))
        fi
    done
}

configure() {
    local host ports
    host=$(hostname -s)
    mapfile -t ports < <(free_ports)
    mkdir -p "$folder"/{state,n1,n2,tmp-n1,tmp-n2,munge}
    chmod 700 "$folder/munge"
    dd if=/dev/urandom of="$folder/munge/key" bs=128 count=1 status=none
    chmod 400 "$folder/munge/key"
    cat >"$SLURM_CONF" <<EOF
ClusterName=locscale-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
TmpFS=$folder/tmp-%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1
JobCompType=jobcomp/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
MinJobAge=600
InactiveLimit=0
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=${ports[1]} CPUs=4 RealMemory=4000
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=${ports[2]} CPUs=4 RealMemory=4000
PartitionName=test Nodes=n1,n2 Default=YES MaxTime=INFINITE OverTimeLimit=0 State=UP
EOF
    # Two nodes of one machine have one host name and one /dev/shm, where Open MPI's tasks would take each other's segments.
    cat >"$folder/environment" <<EOF
export SLURM_CONF=$SLURM_CONF
export OMPI_MCA_btl=self,tcp
export OMPI_ALLOW_RUN_AS_ROOT=1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
EOF
}

start() {
    "$(dirname "${BASH_SOURCE[0]}")/../../scripts/install-packages.sh" cluster
    configure
    munged --force --key-file "$folder/munge/key" --socket "$folder/munge/socket" --pid-file "$folder/munge/pid" \
        --log-file "$folder/munge/log" --seed-file "$folder/munge/seed"
    slurmctld -c
    local node
    for node in "${nodes[@]}"; do
        slurmd -N "$node"
    done
    for ((i = 0; i < 100; i++)); do
        if [[ $(sinfo --noheader --format=%T 2>/dev/null) == idle ]]; then
            return
        fi
        sleep 0.2
    done
    echo "The nodes of the cluster did not come up; see $folder/*.log." >&2
    stop
    exit 1
}

stop() {
    scancel --full --user=root 2>/dev/null || true
    local file daemons=()
    for file in "$folder"/n?.pid "$folder/slurmctld.pid" "$folder/munge/pid"; do
        [[ -f $file ]] && daemons+=("$(cat "$file")")
    done
    kill "${daemons[@]}" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 "${daemons[@]}" 2>/dev/null || return 0
        sleep 0.1
    done
    # A daemon that waits for a step that will never end.
    kill -KILL "${daemons[@]}" 2>/dev/null || true
}

case $1 in
    start) start ;;
    stop) stop ;;
    *) usage ;;
esac
