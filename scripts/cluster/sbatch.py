#!/usr/bin/env python3
"""Submits a study to an sbatch that misbehaves, and checks that it is complete or says what is missing.

  scripts/cluster/sbatch.py TEND

The sbatch in PATH is this script: it refuses arrays of more than three tasks, whatever scontrol says, and keeps what
it took; then the tasks are run here as a bad cluster would: in another order, some twice at once, one stopped by a
signal and started again, the gathering job first, and, in a second round, some never. Exit codes: 0 all held; 1 not.
"""
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from studies import Failure, Study, expect

STUDY = """name: sweep
runs: [{name: nano, checkpoints: .}]
probes: [{name: a, tokens: tokens.npy}]
measure: {objects: [activations, weights], components: [mlp], heads: false, variants: [], spectra: [per]}
"""
LARGEST = 3


def sbatch(arguments):
    """What is called by tend: takes a job, or refuses it as TEND_CHECK says."""
    folder = pathlib.Path(os.environ["TEND_CHECK"])
    options = dict(word[2:].partition("=")[::2] for word in arguments if word.startswith("--"))
    script, *rest = [word for word in arguments if not word.startswith("--")]
    jobs = sorted(folder.glob("*.json"))
    mode = (folder / "mode").read_text()
    if mode == "rubbish":
        print("Submitted, I think")
        return 0
    if mode == "full" and jobs:
        print("sbatch: error: QOSMaxSubmitJobPerUserLimit", file=sys.stderr)
        return 1
    indices = []
    for run in options.get("array", "").partition("%")[0].split(","):
        first, _, last = run.partition("-")
        indices += range(int(first), int(last or first) + 1) if first else [None]
    if len(indices) > LARGEST:
        print("sbatch: error: Batch job submission failed: Invalid job array specification", file=sys.stderr)
        return 1
    number = 100 + len(jobs)
    (folder / f"{number}.json").write_text(json.dumps({
        "number": number, "indices": indices, "script": script, "arguments": rest, "output": options["output"],
        "dependency": options.get("dependency", ""), "limit": options["array"].partition("%")[2]
        if "array" in options else ""}))
    print(f"{number};far" if "parsable" in options else f"Submitted batch job {number}")
    return 0


def log_of(job, index):
    """The path that Slurm makes of a job's pattern."""
    values = {"A": str(job["number"]), "j": str(job["number"]), "a": str(index), "%": "%"}
    return pathlib.Path(re.sub("%(.)", lambda found: values[found[1]], job["output"]))


class Cluster:
    def __init__(self, folder):
        self.folder, programs = folder, folder / "bin"
        programs.mkdir(parents=True)
        self.mode("usual")
        for name, text in [
            ("sbatch", f'exec {shlex.join([sys.executable, str(pathlib.Path(__file__).resolve())])} --sbatch "$@"'),
            ("scontrol", 'echo "MaxArraySize            = 1001"'), ("sinfo", "echo 2000"),
            ("sacct", "printf '100_0|COMPLETED|0:0\\n100_2|FAILED|1:0\\n'"),
        ]:
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        self.environment = {
            **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TEND_CHECK": str(folder)}

    def mode(self, mode):
        (self.folder / "mode").write_text(mode)

    def take(self):
        """The jobs that were handed over since the last call, arrays and the gathering one."""
        jobs = [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]
        for path in self.folder.glob("*.json"):
            path.unlink()
        arrays = [job for job in jobs if job["indices"] != [None]]
        gather = [job for job in jobs if job["indices"] == [None]]
        wanted = "afterany:" + ":".join(str(job["number"]) for job in arrays) if arrays else ""
        expect(len(gather) == 1 and gather[0]["dependency"] == wanted, f"gathering job: {gather}, not {wanted}")
        return arrays, gather[0]

    def start(self, job, index):
        """One task, as a process that adds to its log."""
        log = log_of(job, index)
        environment = dict(self.environment)
        if index is not None:
            environment["SLURM_ARRAY_TASK_ID"] = str(index)
        with open(log, "a") as output:
            return subprocess.Popen(
                ["bash", job["script"], *job["arguments"]], env=environment, stdout=output, stderr=output)

    def run(self, job, index=None, code=0):
        status = self.start(job, index).wait()
        expect(status == code, f"task {index} of {job['number']} ended with {status}, not {code}")


def gathered(study):
    """What the last gathering job wrote."""
    return max((study.folder / ".tend/slurm").glob("*/gather_*.log"), key=os.path.getmtime).read_text()


def complete(cluster, study, local):
    """Reordered, duplicated, requeued; the gathering job before everything."""
    text = study("submit", "--limit", "2", "--wait", "0", env=cluster.environment).stdout
    arrays, gather = cluster.take()
    expect(sum(len(job["indices"]) for job in arrays) == 7, f"not seven tasks: {arrays}")
    expect(all(len(job["indices"]) <= LARGEST for job in arrays) and "trying half" in text, f"arrays: {text}")
    # Two lanes of one task each; the third array waits for the first.
    expect([job["limit"] for job in arrays] == ["1"] * len(arrays), f"limits: {arrays}")
    expect([job["dependency"] for job in arrays][:3] == ["", "", f"afterany:{arrays[0]['number']}"], f"{arrays}")
    cluster.run(gather, code=1)
    expect(len(re.findall(r"^shard \d/7: ", gathered(study), re.M)) == 7, f"not all is missing: {gathered(study)}")
    tasks = [(job, index) for job in arrays for index in job["indices"]]
    random.shuffle(tasks)
    # One is stopped at its first sign of life and started again.
    log = log_of(*tasks[0])
    process = cluster.start(*tasks[0])
    while process.poll() is None and not (log.exists() and "measuring" in log.read_text()):
        time.sleep(0.01)
    process.send_signal(signal.SIGUSR2)
    stopped = process.wait()
    expect(stopped == 130, f"a task that was stopped ended with {stopped}, not 130")
    cluster.run(*tasks[0])
    expect("interrupted" in log.read_text() and log.read_text().count("auditing") > 1, "its log was not continued")
    # Each twice at once.
    for job, index in tasks[1:]:
        twins = [cluster.start(job, index) for _ in range(2 if index else 1)]
        expect([twin.wait() for twin in twins] == [0] * len(twins), f"task {index} of {job['number']} failed")
    cluster.run(gather)
    return study.expect_same(local)


def lost(cluster, study, local):
    """Two tasks never run: they are named, and what is printed finishes them."""
    study.forget()
    study("submit", "--wait", "0", env=cluster.environment)
    arrays, gather = cluster.take()
    tasks = [(job, index) for job in arrays for index in job["indices"]]
    for place in [0, 1, 3, 4, 6]:
        cluster.run(*tasks[place])
    cluster.run(gather, code=1)
    text = gathered(study)
    expect(re.findall(r"^shard (\d)/7: \d+ units? (?:is|are) missing: ", text, re.M) == ["3", "6"], f"named: {text}")
    status = study("status", env=cluster.environment).stdout
    expect(re.findall(r"^shard (\d)/7: .*no task of it has begun$", status, re.M) == ["3", "6"], f"status: {status}")
    expect("sacct: 1 COMPLETED, 1 FAILED" in status and "sacct: 100_2 FAILED 1:0" in status, f"no sacct in: {status}")
    commands = re.findall(r"^shard .* To finish: tend (.*)$", text, re.M)
    submit = re.findall(r"^To finish all of it: tend (.*)$", text, re.M)
    expect(len(commands) == 2 and len(submit) == 1, f"no commands in {text}")
    # One by its own command, as a shell reads it, the other by the one that does the rest.
    subprocess.run(f"{shlex.quote(study.tend)} {commands[0]} --quiet", shell=True, check=True)
    subprocess.run(f"{shlex.quote(study.tend)} {submit[0]}", shell=True, check=True, env=cluster.environment,
                   stdout=subprocess.DEVNULL)
    arrays, gather = cluster.take()
    expect([job["indices"] for job in arrays] == [[5]], f"submitted again: {arrays}, not shard 6 alone")
    cluster.run(arrays[0], 5)
    cluster.run(gather)
    return study.expect_same(local)


def refused(cluster, study, _):
    """What sbatch does not take, or answers with rubbish, is said with what it took."""
    study.forget()
    cluster.mode("full")
    text = study("submit", env=cluster.environment, code=1).stderr
    expect("QOSMaxSubmitJobPerUserLimit" in text and "jobs 100 run" in text, f"message: {text}")
    expect(re.search(r"not submitted: shards [34]-7", text) and "tend submit" in text, f"message: {text}")
    for path in cluster.folder.glob("*.json"):
        path.unlink()
    cluster.mode("rubbish")
    text = study("submit", env=cluster.environment, code=1).stderr
    expect('"Submitted, I think' in text and "nothing runs" in text, f"message: {text}")
    study.forget()
    without = {**os.environ, "PATH": "/nowhere"}
    expect("sbatch is not in PATH" in study("submit", code=1, env=without).stderr, "no word of sbatch")
    study.forget()
    dry = study("submit", "--dry-run", env=without).stdout
    expect("exec " in dry and "--array=0-6 " in dry and "afterany:JOB1" in dry, f"--dry-run: {dry}")
    expect(not (study.folder / ".tend").exists(), "--dry-run wrote something")
    return 0


def main():
    if sys.argv[1:2] == ["--sbatch"]:
        return sbatch(sys.argv[2:])
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    work = pathlib.Path(tempfile.mkdtemp(prefix="tend-"))
    tend = str(pathlib.Path(sys.argv[1]).resolve())
    try:
        local = Study(tend, work / "local", STUDY)
        local("run", "--quiet")
        study = Study(tend, work / "a %j $(sweep)'s", STUDY)
        cluster = Cluster(work / "cluster")
        for check in [complete, lost, refused]:
            count = check(cluster, study, local)
            print(f"{check.__doc__.strip()} {f'{count} files are the same bytes.' if count else ''}")
    except Failure as failure:
        print(f"failed: {failure}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
