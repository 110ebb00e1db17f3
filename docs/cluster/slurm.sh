#!/usr/bin/env bash
# Runs the sweep of docs/cluster.md on a real Slurm of this machine: 60 trainings in
# parts on two nodes. Parts are killed, cancelled and requeued, and then submitted
# again. In the end nothing has been trained twice, and the table has the bits of
# one that a single process made.
#
#   apt-get install slurm-wlm munge jq    # Debian 12; no service needs to run
#   docs/cluster/slurm.sh                 # as root; about two minutes
#
# The daemons have their own keys, ports and folder, and end with the script.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap finish EXIT
say() { printf '\n== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
free_ports() { # N ports that nobody listens on now
  python3 -c 'import socket, sys
all = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in all: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in all])' "$1"
}

say "Slurm of this machine: two nodes of $(nproc) cores each"
cd "$work"
chmod 755 .
mkdir munge state
chown munge: munge 2>/dev/null || true
chmod 755 munge
(umask 077 && head -c 1024 /dev/urandom > munge/key)
chown munge: munge/key
read -r controller node1 node2 < <(free_ports 3)
cat > slurm.conf <<EOF
ClusterName=sweep
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$controller
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
ReturnToService=2
MpiDefault=none
KillWait=2
MinJobAge=3600
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd-%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
NodeName=node1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$node1 CPUs=$(nproc)
NodeName=node2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$node2 CPUs=$(nproc)
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$work/slurm.conf
su munge -s /bin/sh -c "munged --foreground --force --socket '$work/munge/socket' --key-file '$work/munge/key' \
  --pid-file '$work/munge/pid' --seed-file '$work/munge/seed' --log-file '$work/munge/log'" > /dev/null 2>&1 & pids+=($!)
for _ in $(seq 50); do [ -S munge/socket ] && break; sleep 0.2; done
slurmctld -D > /dev/null 2>&1 & pids+=($!)
slurmd -D -N node1 > /dev/null 2>&1 & pids+=($!)
slurmd -D -N node2 > /dev/null 2>&1 & pids+=($!)
for _ in $(seq 100); do [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break; sleep 0.3; done
sinfo
sinfo -h --version

say "the sweep in one process"
(cd "$repository" && CGO_ENABLED=0 go build -o "$work/sweep" ./cmd/sweep)
mkdir one shared
mv sweep shared/
cd shared
cat > grid.json <<'EOF'
{"network": ["onelayer", "twolayer"], "batch": [200, 1024], "lr": [0.001, 0.002, 0.003], "epochs": 1, "seeds": 5}
EOF
cat >> grid.flags <<'EOF'
-limit 2000
EOF
time ./sweep -grid grid.json $(cat grid.flags) -o ../one/results 2> ../one/log | tail -n 1

say "the same in parts, by sweep.sbatch of docs/cluster.md"
awk '/^```bash$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$repository/docs/cluster.md" > sweep.sbatch
sed -i "s/--cpus-per-task=.*/--cpus-per-task=1/; s/--mem=.*/--mem=0/; s|exec ./sweep|exec ./sweep $(cat grid.flags)|" sweep.sbatch
grep -q 'exec ./sweep -limit' sweep.sbatch || fail "docs/cluster.md has no sweep.sbatch"
mkdir -p logs
done_runs() { ls results/runs 2>/dev/null | wc -l; }
state() { squeue -h -r -o '%K %t' -j "$1" 2>/dev/null | sort -n; }
running() { state "$1" | awk '$2 == "R" { print $1 }'; }
await() { # until FUNCTION ARGS prints something
  for _ in $(seq 300); do [ -n "$("$@")" ] && return; sleep 0.2; done
  fail "nothing from: $*"
}
job=$(sbatch --parsable sweep.sbatch)
await running "$job"
sleep 2

task=$(running "$job" | head -1)
echo "kill -9 of the step of part $task, $(done_runs) runs are there"
victim=$(ps -o pid=,args= -e | awk -v part="-part $task/8 " '$2 == "./sweep" && index($0, part) { print $1 }')
kill -9 "$victim"
sleep 2
task=$(running "$job" | tail -1)
echo "scancel of part $task, $(done_runs) runs are there"
scancel "${job}_$task"
sleep 2
task=$(running "$job" | head -1)
echo "requeue of part $task, $(done_runs) runs are there"
scontrol requeue "${job}_$task"
sleep 1
echo "scancel of all that is left, $(done_runs) runs are there"
scancel "$job"
for _ in $(seq 100); do [ -z "$(state "$job")" ] && break; sleep 0.2; done
before=$(done_runs)
[ "$before" -lt 60 ] || fail "the parts were too fast to be interrupted"
inodes=$(cd results/runs && ls -i -- *.json | sort)
./sweep -merge results > /dev/null 2> ../merge.err && fail "merged though $((60 - before)) runs are missing"
tail -n 1 ../merge.err

say "submitted again, with the merge after it"
job=$(sbatch --parsable sweep.sbatch)
merge=$(sbatch --parsable --dependency=afterany:"$job" --output=merge.log --wrap './sweep -merge results')
for _ in $(seq 900); do [ -z "$(squeue -h -j "$job,$merge" 2>/dev/null)" ] && break; sleep 0.3; done
scontrol show job "$merge" | grep -o 'JobState=[A-Z]*.*ExitCode=[0-9:]*\|JobState=[A-Z]*'
tail -n 1 merge.log

say "nothing twice, and the same bits"
[ "$(done_runs)" = 60 ] || fail "$(done_runs) runs, want 60"
[ -z "$(comm -23 <(echo "$inodes") <(cd results/runs && ls -i -- *.json | sort))" ] || fail "a run was written again"
lines=$(cat logs/*.log | grep -c '^run ') # one for each training that ended
[ "$lines" -le 60 ] || fail "$lines trainings ended, want 60"
echo "$before runs before, $lines trainings that said so in all, 60 files"
without_times() { jq -c 'del(.seconds, .runs[].seconds)' "$1"; }
cmp <(without_times ../one/results/sweep.jsonl) <(without_times results/sweep.jsonl) || fail "other results"
echo "the table is that of one process, bit for bit but for the times"
