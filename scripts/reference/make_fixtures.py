#!/usr/bin/env python3
"""Cuts Tests/Fixtures/nano out of mini-pythia's nano-seed0: few tokens, their embeddings, few steps.

usage: make_fixtures.py MINI_PYTHIA [OUTPUT]

The probe is the first 64 tokens of probe_a's first 48 sequences. The vocabulary is what occurs in
it, filled up to a multiple of 8 with the lowest ids that do not occur; ids are renumbered from 0 in
ascending order, and both embeddings keep these rows alone. All other tensors keep their bytes
(step 1000, stored in float32, is rounded to float16). Needs numpy, nothing else.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np

from tensor_files import read_safetensors, write_safetensors

STEPS = [0, 16, 128, 512, 1000, 2000, 3000]
SEQUENCES, LENGTH = 48, 64
EMBEDDINGS = {"gpt_neox.embed_in.weight", "embed_out.weight"}


def cut_vocabulary(tokens, size):
    """The original ids to keep, ascending: those that occur, filled up to a multiple of 8."""
    kept = set(np.unique(tokens).tolist())
    unused = (i for i in range(size) if i not in kept)
    while len(kept) % 8:
        kept.add(next(unused))
    return np.array(sorted(kept))


def cut_checkpoint(source, destination, vocabulary):
    """One stepN folder with only the vocabulary's embedding rows, in float16."""
    config = json.loads((source / "config.json").read_text())
    config["vocab_size"] = len(vocabulary)
    for key in ("torch_dtype", "dtype"):
        if key in config:
            config[key] = "float16"
    tensors = {}
    for name, (_, array) in read_safetensors(source / "model.safetensors").items():
        rows = array[vocabulary] if name in EMBEDDINGS else array
        tensors[name] = ("F16", rows.astype("<f2"))
    destination.mkdir(parents=True)
    (destination / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    write_safetensors(destination / "model.safetensors", tensors)


def main(source, output):
    tokens = np.load(source / "probe_a.npy")[:SEQUENCES, :LENGTH]
    config = json.loads((source / "nano-seed0/step0/config.json").read_text())
    vocabulary = cut_vocabulary(tokens, config["vocab_size"])
    renumbered = np.searchsorted(vocabulary, tokens).astype("<i4")
    assert (vocabulary[renumbered] == tokens).all()
    output.mkdir(parents=True, exist_ok=True)
    np.save(output / "tokens.npy", renumbered)
    for step in STEPS:
        destination = output / f"step{step}"
        shutil.rmtree(destination, ignore_errors=True)
        cut_checkpoint(source / f"nano-seed0/step{step}", destination, vocabulary)
    print(f"{output}: {len(STEPS)} checkpoints, {len(vocabulary)} tokens, probe {renumbered.shape}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    root = Path(__file__).resolve().parents[2]
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else root / "Tests/Fixtures/nano"
    main(Path(sys.argv[1]), target)
