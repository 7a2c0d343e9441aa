#!/usr/bin/env python3
"""What tend fetches is what huggingface_hub reads: hub-checks.py TEND

Fetches two steps from a hub-shaped server on loopback, reads them with huggingface_hub without a network,
then lets huggingface_hub ask the server and counts that it downloads nothing again. Exit code 77 without
huggingface_hub.
"""
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.request

work = tempfile.TemporaryDirectory(prefix="tend-hub-checks-")
port = random.randrange(20000, 40000)
os.environ.update(HF_ENDPOINT=f"http://127.0.0.1:{port}", HF_HUB_CACHE=f"{work.name}/hub",
                  HF_HOME=work.name, HF_TOKEN="", HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1")
try:
    import huggingface_hub
except ImportError:
    print("no huggingface_hub")
    sys.exit(77)

here = pathlib.Path(__file__).resolve().parent.parent
server = subprocess.Popen([sys.executable, here / "Benchmarks/fetch/hub.py", str(port), "2", "2"],
                          stdout=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR=work.name))
try:
    server.stdout.readline()

    def count():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/count") as answer:
            return sum(json.load(answer).values())

    subprocess.run([sys.argv[1], "fetch", "hf://someone/tiny", "--yes", "--quiet"], check=True)
    fetched = count()
    for step in range(2):
        revision = f"step{step}"
        snapshot = pathlib.Path(huggingface_hub.snapshot_download(
            "someone/tiny", revision=revision, local_files_only=True))
        assert json.loads((snapshot / "config.json").read_text()) == {"step": step}
        weights = huggingface_hub.hf_hub_download(
            "someone/tiny", "model.safetensors", revision=revision, local_files_only=True)
        blob = pathlib.Path(weights).resolve()
        assert blob.name == hashlib.sha256(blob.read_bytes()).hexdigest(), blob
        assert huggingface_hub.try_to_load_from_cache(
            "someone/tiny", "config.json", revision=revision) == str(snapshot / "config.json")
        huggingface_hub.hf_hub_download("someone/tiny", "model.safetensors", revision=revision)
        huggingface_hub.hf_hub_download("someone/tiny", "config.json", revision=revision)
    assert count() == fetched, "huggingface_hub downloaded again what was there"
    cache = huggingface_hub.scan_cache_dir()
    assert not cache.warnings, cache.warnings
    (repository,) = cache.repos
    assert repository.repo_id == "someone/tiny" and repository.refs.keys() == {"step0", "step1"}
    print(f"huggingface_hub {huggingface_hub.__version__} reads both steps and fetches nothing again")
finally:
    server.kill()
