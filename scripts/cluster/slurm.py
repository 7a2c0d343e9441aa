#!/usr/bin/env python3
"""Runs a study through `tend submit` on a real Slurm of two nodes that this script starts and stops.

  scripts/cluster/slurm.py TEND

One task is killed, one requeued as by a preemption, one node drained, all while the study runs; the array is longer
than MaxArraySize lets one be, and the study's folder has spaces, quotation marks and % in its name. The gathering
job then has to name what is missing, `tend status` its log, and the same `tend submit` has to finish it: results,
figures and site byte for byte those of a local run. Debian: slurm-wlm, munge. Nothing outside a temporary folder is
touched. Exit codes: 0 all held; 1 something did not; 77 no Slurm can be had here, with the reason.
"""
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from studies import Failure, Study, expect

STUDY = """name: cluster
runs: [{name: nano, checkpoints: .}]
probes: [{name: a, tokens: tokens.npy}]
measure: {components: [mlp], heads: false, variants: [], similarity: [cka_debiased], spectra: [per]}
slurm: {tasks: 7, time: 10, lines: [--nice=1]}
"""
CONFIGURATION = """ClusterName=checks
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0
ReturnToService=2
SlurmctldPort={ports[0]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
MaxArraySize=5
KillWait=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1 RealMemory=4000 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP
"""
PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "sinfo"]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Missing(Exception):
    pass


def wait(what, condition, seconds=180):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise Failure(f"{what}: not within {seconds} s")


class Cluster:
    """munged, slurmctld and two slurmd of one core each."""

    def __init__(self, folder):
        for program in PROGRAMS:
            if not shutil.which(program, path=PATH):
                raise Missing(f"no {program} (Debian: slurm-wlm, munge)")
        self.folder, self.processes = folder, []
        (folder / "state").mkdir(parents=True)
        sockets = [socket.socket() for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        configuration = folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=pwd.getpwuid(os.getuid()).pw_name,
            folder=folder, ports=ports))
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(configuration)}
        key = folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        self.start("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", f"--key-file={key}",
                   f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log",
                   f"--seed-file={folder}/munged.seed")
        self.start("slurmctld", "-D", "-i", "-f", str(configuration))
        for node in ["n1", "n2"]:
            (folder / node).mkdir()
            self.start("slurmd", "-D", "-N", node, "-f", str(configuration))
        end = time.monotonic() + 30
        while self.run("sinfo", "-hN", "-o", "%T").stdout.split() != ["idle", "idle"]:
            if time.monotonic() > end or any(each.poll() is not None for each in self.processes):
                raise Missing("Slurm does not start here: " + self.complaints())
            time.sleep(0.1)

    def start(self, name, *arguments):
        output = open(self.folder / f"{name}-{len(self.processes)}.out", "w")
        self.processes.append(subprocess.Popen(
            [shutil.which(name, path=PATH), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output))

    def complaints(self):
        for path in sorted(self.folder.glob("*.out")):
            for line in path.read_text(errors="replace").splitlines():
                if "fatal" in line.lower() or ("munged" in path.name and "error" in line.lower()):
                    return line
        return "no message"

    def run(self, *command):
        return subprocess.run(command, env=self.environment, text=True, capture_output=True)

    def jobs(self):
        """What Slurm knows of every task, by `job_index` or job."""
        jobs = {}
        for line in self.run("scontrol", "show", "job", "-o").stdout.splitlines():
            fields = dict(part.split("=", 1) for part in line.split() if "=" in part)
            name = fields.get("ArrayJobId", fields.get("JobId", "?"))
            if "ArrayTaskId" in fields:
                name += "_" + fields["ArrayTaskId"]
            jobs[name] = fields
        return jobs

    def stop(self):
        # Tasks first: what watches over them would stay behind.
        for job in self.run("squeue", "--noheader", "--format=%A").stdout.split():
            self.run("scancel", "--full", job)
        end = time.monotonic() + 20
        while self.run("squeue", "--noheader").stdout and time.monotonic() < end:
            time.sleep(0.2)
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def processes(study):
    """The processes of tasks by shard, from their command lines."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"run" in words and os.fsencode(study.file) in words and b"--shard" in words:
            found[words[words.index(b"--shard") + 1].decode()] = int(path.parent.name)
    return found


def submitted(study, cluster):
    """The numbers of the array jobs with their shards, and that of the gathering job."""
    text = study("submit", env=cluster.environment).stdout
    arrays = re.findall(r"^job (\d+) does shards ([\d,-]+) of 7", text, re.M)
    gather = re.findall(r"^job (\d+) makes the report", text, re.M)
    expect(len(gather) == 1, f"no gathering job in: {text}")
    return arrays, gather[0]


def ended(cluster, job):
    def state():
        fields = cluster.jobs().get(job)
        return fields if fields and fields["JobState"] in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT") else None
    return wait(f"job {job}", state, seconds=300)["JobState"]


def logs(study, pattern):
    return sorted((study.folder / ".tend/slurm").glob(f"*/{pattern}"))


def run(tend, work):
    local = Study(tend, work / "local", STUDY, times=3)
    study = Study(tend, work / "it's a 100%a \"study\"", STUDY, times=3)
    cluster = None
    try:
        cluster = Cluster(work / "slurm")
        start = time.monotonic()
        local("run", "--quiet", "--threads", "1")
        print(f"the local run took {time.monotonic() - start:.1f} s")

        start = time.monotonic()
        dry = study("submit", "--dry-run", env=cluster.environment).stdout
        expect("#SBATCH --requeue" in dry and "#SBATCH --nice=1" in dry, f"the scripts are not shown: {dry}")
        expect(not (study.folder / ".tend").exists(), "--dry-run wrote something")
        arrays, gather = submitted(study, cluster)
        expect([shards for _, shards in arrays] == ["1-5", "6-7"], f"arrays {arrays} for MaxArraySize 5")

        os.kill(wait("a process of shard 1", lambda: processes(study).get("1/7")), signal.SIGKILL)
        print(f"killed {arrays[0][0]}_0, which does shard 1")
        wait("work of shard 2", lambda: any("capturing" in log.read_text() for log in logs(study, "*_1.log")))
        answer = cluster.run("scontrol", "requeue", f"{arrays[0][0]}_1")
        expect(answer.returncode == 0, f"requeue: {answer.stderr}")
        print(f"requeued {arrays[0][0]}_1 while it ran")
        wait("a task on n2", lambda: any(
            job["JobState"] == "RUNNING" and job.get("NodeList") == "n2" for job in cluster.jobs().values()))
        answer = cluster.run("scontrol", "update", "nodename=n2", "state=drain", "reason=check")
        expect(answer.returncode == 0, f"drain: {answer.stderr}")
        drained = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + 1))
        print("drained n2 while it had a task")
        wait("a status that counts a running unit", lambda: re.search(
            r"[1-9] running, ", study("status", env=cluster.environment).stdout))

        expect(ended(cluster, gather) == "FAILED", "the gathering job did not notice what is missing")
        jobs = cluster.jobs()
        after = [name for name, job in jobs.items() if job.get("NodeList") == "n2" and job["StartTime"] > drained]
        expect(not after, f"{after} began on the drained node")
        text = logs(study, f"gather_{gather}.log")[0].read_text()
        expect("shard 1/7: " in text and "To finish all of it: tend submit" in text,
               f"the gathering job does not say what is missing: {text}")
        expect("shard 2/7" not in text, f"the requeued task did not finish: {text}")
        requeued = logs(study, f"{arrays[0][0]}_1.log")[0].read_text()
        expect("REQUEUE" in requeued and "interrupted" in requeued, f"no requeue in its log: {requeued}")
        status = study("status", env=cluster.environment).stdout
        expect(f"{arrays[0][0]}_0.log" in status and "shard 1/7: " in status, f"no log in: {status}")
        expect("shard 3/7" not in status and "sacct: " in status, f"status: {status}")
        print(text.strip().splitlines()[-1])

        arrays, gather = submitted(study, cluster)
        expect([shards for _, shards in arrays] == ["1"], f"submitted again: {arrays}, not shard 1 alone")
        expect(ended(cluster, gather) == "COMPLETED", "the second gathering job failed")
        count = study.expect_same(local)
        print(f"Slurm took {time.monotonic() - start:.1f} s; {count} files, byte for byte those of the local run")
    finally:
        if cluster:
            cluster.stop()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # Whatever ends this script, no daemon stays.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # A short path: munge's socket has to fit into 108 bytes.
    work = pathlib.Path(tempfile.mkdtemp(prefix="tend-"))
    try:
        run(str(pathlib.Path(sys.argv[1]).resolve()), work)
    except Missing as reason:
        print(f"skipped: {reason}")
        return 77
    except Failure as failure:
        print(f"failed: {failure}")
        for path in sorted(work.glob("*/.tend/slurm/*/*.log")):
            print(f"-- {path.name}\n{path.read_text(errors='replace')[-600:]}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
