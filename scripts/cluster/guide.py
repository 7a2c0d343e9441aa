#!/usr/bin/env python3
"""Runs the files that the guide's page on clusters shows, with the real tools.

  scripts/cluster/guide.py TEND make|parallel|snakemake

The code under the tool's heading is taken from site/pages/clusters.md as it stands and measures a study: the outputs
are byte for byte those of a plain run. Exit codes: 0 all held; 1 something did not; 77 the tool is not there.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from studies import Failure, ROOT, Study, expect

STUDY = """name: sliced
runs: [{name: nano, checkpoints: ., steps: [0, 16, 512, 2000, 3000]}]
probes: [{name: a, tokens: tokens.npy}]
measure: {objects: [activations, weights], components: [mlp], heads: false, variants: [], spectra: [per]}
"""
# By tool: the page's heading, the file that its code is, and how that is run.
TOOLS = {
    "make": ("GNU make", "Makefile", ["make", "-j", "2", "-k", "report"]),
    "parallel": ("GNU parallel", "shards.sh", ["sh", "shards.sh"]),
    "snakemake": ("Snakemake", "Snakefile", ["snakemake", "--cores", "2", "--keep-going"]),
}


def code(heading):
    page = (ROOT / "site/pages/clusters.md").read_text()
    found = re.search(rf"^## {re.escape(heading)}\n.*?^```\w+\n(.*?)^```$", page, re.M | re.S)
    expect(found, f"site/pages/clusters.md has no code under {heading}")
    lines = found[1].rstrip("\n").count("\n") + 1
    expect(lines <= 10, f"the code for {heading} has {lines} lines, more than ten")
    return found[1]


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in TOOLS:
        sys.exit(__doc__)
    tool = sys.argv[2]
    if not shutil.which(tool):
        print(f"skipped: no {tool} (Debian: {tool})")
        return 77
    tend = pathlib.Path(sys.argv[1]).resolve()
    heading, name, command = TOOLS[tool]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    work = pathlib.Path(tempfile.mkdtemp(prefix="tend-"))
    try:
        local, study = Study(str(tend), work / "local", STUDY), Study(str(tend), work / "sliced", STUDY)
        local("run", "--quiet")
        (study.folder / name).write_text(code(heading))
        home = {"HOME": str(work), "XDG_CACHE_HOME": str(work)}
        done = subprocess.run(
            command, cwd=study.folder, text=True, capture_output=True,
            env={**os.environ, **home, "PATH": f"{tend.parent}:{os.environ['PATH']}"})
        expect(done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
        print(f"{heading}: {study.expect_same(local)} files, byte for byte those of a plain run")
    except Failure as failure:
        print(f"failed: {failure}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
