#!/usr/bin/env python3
"""Reference values of a run, in the form of mini-pythia's golden files. Needs numpy, nothing else.

usage: golden.py write RUN TOKENS.npy FINAL OUT.json   measures every step and writes the values
       golden.py check RUN TOKENS.npy GOLDEN.json [STEP ...]   compares with a golden file
       golden.py selftest RUN TOKENS.npy               gradients against finite differences

`check` stops with status 1 at a difference above 1e-9 (golden files have 12 digits) and says where.
"""

import json
import math
import sys
import time

import numpy as np

from measures import cka_features, cka_gram, per_of_layer
from neox import GPTNeoX
from tensor_files import read_checkpoint, steps_of

TOLERANCE = 1e-9


class Checkpoint:
    """One step's loss, activations at the last and at all positions, and gradients."""

    def __init__(self, run, step, tokens):
        self.config, self.weights = read_checkpoint(f"{run}/step{step}")
        model = GPTNeoX(self.config, self.weights)
        self.loss, self.activations, self.gradients = model.observe(tokens)

    def last(self, layer, name):
        """[n, d], or for heads [h, n, d]."""
        return self.activations[layer][name][..., -1, :]

    def all(self, layer, name):
        x = self.activations[layer][name]
        return x.reshape(-1, x.shape[-1])


def compare(checkpoint, final, with_all):
    """One entry of `checkpoints`."""
    layers = []
    for layer in range(checkpoint.config["num_hidden_layers"]):
        cka = {}
        for name in checkpoint.activations[layer]:
            x, y = checkpoint.last(layer, name), final.last(layer, name)
            if name.endswith("heads"):
                heads = [cka_gram(*pair) for pair in zip(x, y)]
                cka[name] = {key: [head[key] for head in heads] for key in ("biased", "debiased")}
            else:
                cka[name] = cka_gram(x, y)
        entry = {"cka_last": cka}
        if with_all:
            entry["cka_all"] = {
                name: cka_features(checkpoint.all(layer, name), final.all(layer, name))
                for name in ("mlp", "ov", "attention", "residual", "legacy_ov")
            }
        entry["per"] = per_of_layer(checkpoint.weights, checkpoint.gradients, layer,
                                    checkpoint.config["num_attention_heads"])
        layers.append(entry)
    return {"loss": float(checkpoint.loss), "layers": layers}


def write(run, tokens_file, final_step, out):
    tokens, steps = np.load(tokens_file), steps_of(run)
    final = Checkpoint(run, final_step, tokens)
    config = final.config
    golden = {
        "model": run.rstrip("/").split("/")[-1],
        "hidden_size": config["hidden_size"],
        "layers": config["num_hidden_layers"],
        "heads": config["num_attention_heads"],
        "head_dim": config["hidden_size"] // config["num_attention_heads"],
        "intermediate_size": config["intermediate_size"],
        "parameters": sum(w.size for w in final.weights.values()),
        "probe": tokens_file.split("/")[-1],
        "final_step": int(final_step),
        "steps": steps,
        "versions": {"numpy": np.__version__},
        "checkpoints": {
            str(step): compare(Checkpoint(run, step, tokens), final, with_all=True)
            for step in steps
        },
    }
    with open(out, "w") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")
    print(f"{out}: {len(steps)} checkpoints")


def differences(expected, found, path=""):
    """(path, difference) of every number that both have; what only one has is left out."""
    if isinstance(expected, dict):
        for key in expected.keys() & found.keys():
            yield from differences(expected[key], found[key], f"{path}/{key}")
    elif isinstance(expected, list):
        assert len(expected) == len(found), path
        for i, pair in enumerate(zip(expected, found)):
            yield from differences(*pair, f"{path}/{i}")
    elif isinstance(expected, (int, float)):
        yield path, abs(expected - found)


def check(run, tokens_file, golden_file, steps):
    golden = json.load(open(golden_file))
    tokens, readable = np.load(tokens_file), steps_of(run)
    final = Checkpoint(run, golden["final_step"], tokens)
    steps = [int(s) for s in steps] or [s for s in golden["steps"] if s in readable]
    worst, count = ("", -1.0), 0
    for step in steps:
        start, expected = time.time(), golden["checkpoints"][str(step)]
        found = compare(Checkpoint(run, step, tokens), final, "cka_all" in expected["layers"][0])
        # Not written `max`: a NaN must not pass for a small difference.
        for path, difference in differences(expected, found, f"step {step}"):
            count += 1
            if not difference <= TOLERANCE:
                sys.exit(f"{path}: differs by {difference:.3g}, allowed is {TOLERANCE:g}")
            worst = max(worst, (path, difference), key=lambda item: item[1])
        print(f"step {step}: agrees ({time.time() - start:.1f} s)", flush=True)
    if count == 0:
        sys.exit("nothing was compared: no step of the golden file is readable")
    print(f"{count} values of {len(steps)} checkpoints agree; largest difference {worst[1]:.2g} ({worst[0]})")


def selftest(run, tokens_file):
    """Directional derivatives of the loss, per parameter, both residual layouts."""
    tokens, step = np.load(tokens_file)[:3, :24], steps_of(run)[-2]
    config, weights = read_checkpoint(f"{run}/step{step}")
    generator = np.random.default_rng(1)
    for parallel in (True, False):
        config["use_parallel_residual"] = parallel
        _, _, gradients = GPTNeoX(config, weights).observe(tokens, batch=2)
        worst = 0.0
        for name, weight in weights.items():
            direction = generator.standard_normal(weight.shape)
            exact, h = float((gradients[name] * direction).sum()), 1e-4
            losses = []
            for k in (-2, -1, 1, 2):
                moved = dict(weights) | {name: weight + k * h * direction}
                losses.append(GPTNeoX(config, moved).observe(tokens, gradients=False)[0])
            # Five-point stencil: error of order h^4.
            estimate = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h)
            scale = math.sqrt((gradients[name] ** 2).sum()) + 1e-6
            error = abs(estimate - exact) / scale
            if not error <= 1e-6:
                sys.exit(f"{name}: derivative {exact:.9g}, finite differences {estimate:.9g}")
            worst = max(worst, error)
        layout = "parallel" if parallel else "sequential"
        print(f"{layout} residual: {len(weights)} gradients agree, largest error {worst:.2g} of the norm")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", run, tokens, final, out]:
            write(run, tokens, final, out)
        case ["check", run, tokens, golden, *steps]:
            check(run, tokens, golden, steps)
        case ["selftest", run, tokens]:
            selftest(run, tokens)
        case _:
            sys.exit(__doc__)
