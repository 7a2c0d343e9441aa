#!/usr/bin/env python3
"""A study of two checkpoints by tend beside the published way of working, on the same files.

usage: study.py TEND [--sequences N] [--length N] [--layers N] [--rounds N] [--threads N] [--sample N]

The published way, as its code goes about it: for every checkpoint load the model, run the probe forward
with hooks and keep the last position of each sequence; load it again and run forward and backward for
the gradients; for each head form the d x d product and take all its singular values, the same for W_down,
of weights and gradients; CKA with the final checkpoint in feature space. PyTorch does the passes, numpy
and scipy the rest. tend runs the same study, which adds debiased CKA with intervals and null floor, CKA
of attention and residual, full OV products and stable ranks: its measuring stages are timed, and the
whole command with figures and pages beside them. A weights-only study follows.

With --sample 1 the published side is timed on one of the two checkpoints and counted twice: its work is
the same for each. PER and CKA of both sides are compared before a time is printed.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("tend")
parser.add_argument("--sequences", type=int, default=32)
parser.add_argument("--length", type=int, default=256)
parser.add_argument("--layers", type=int, default=12)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--sample", type=int, default=2, choices=(1, 2))
options = parser.parse_args()
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(options.threads)

import numpy as np  # noqa: E402  (thread counts are read at import)
import scipy.linalg  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM  # noqa: E402

D, HEADS, VOCABULARY, STEPS = 768, 12, 50304, (0, 1000)
SIZE = D // HEADS


def write_run(folder):
    """Two checkpoints in float16, the second a perturbation of the first."""
    torch.manual_seed(1)
    config = GPTNeoXConfig(
        vocab_size=VOCABULARY, hidden_size=D, num_hidden_layers=options.layers,
        num_attention_heads=HEADS, intermediate_size=4 * D, max_position_embeddings=2048,
        hidden_act="gelu", attention_dropout=0.0, hidden_dropout=0.0)
    model = GPTNeoXForCausalLM(config)
    for step in STEPS:
        if step:
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.add_(0.01 * torch.randn_like(parameter))
        model.half().save_pretrained(f"{folder}/run/step{step}")
        model.float()
    tokens = torch.randint(0, VOCABULARY, (options.sequences, options.length))
    np.save(f"{folder}/tokens.npy", tokens.numpy().astype(np.int32))
    return tokens


def per(matrix, k):
    values = scipy.linalg.svdvals(matrix)[:k]
    p = values / values.sum()
    return float(np.exp(-np.sum(p * np.log(p))) / k)


def cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def heads_of(fused, dense):
    value = fused.reshape(HEADS, 3, SIZE, D)[:, 2]
    return [(dense[:, h * SIZE:(h + 1) * SIZE], value[h]) for h in range(HEADS)]


def weight_ranks(tensors):
    """PER of W_down and of every head's product, by layer."""
    ranks = {}
    for layer in range(options.layers):
        name = f"gpt_neox.layers.{layer}."
        fused, dense, down = (tensors[name + key] for key in (
            "attention.query_key_value.weight", "attention.dense.weight", "mlp.dense_4h_to_h.weight"))
        ranks[layer, "mlp", ""] = per(down, D)
        for head, (out, value) in enumerate(heads_of(fused, dense)):
            ranks[layer, "ov", head] = per(out @ value, SIZE)
    return ranks


def gradient_ranks(tensors, gradients):
    ranks = {}
    for layer in range(options.layers):
        name = f"gpt_neox.layers.{layer}."
        keys = [name + key for key in ("attention.query_key_value.weight", "attention.dense.weight")]
        ranks[layer, "mlp", ""] = per(gradients[name + "mlp.dense_4h_to_h.weight"], D)
        pairs = zip(heads_of(*(tensors[k] for k in keys)), heads_of(*(gradients[k] for k in keys)))
        for head, ((out, value), (d_out, d_value)) in enumerate(pairs):
            ranks[layer, "ov", head] = per(d_out @ value + out @ d_value, min(2 * SIZE, D))
    return ranks


def load(folder):
    return GPTNeoXForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def activations(folder, tokens):
    """{(layer, component, head): [n, d]} at the last position."""
    model, found, handles = load(folder), {}, []

    def keep(layer, component):
        def hook(module, inputs, output):
            last = output[:, -1].numpy().copy()
            if component == "mlp":
                found[layer, "mlp", ""] = last
                return
            dense = model.gpt_neox.layers[layer].attention.dense.weight.numpy()
            value = last.reshape(-1, HEADS, 3, SIZE)[:, :, 2]
            found[layer, "ov", ""] = value.reshape(-1, D) @ dense.T
            for head in range(HEADS):
                columns = slice(head * SIZE, (head + 1) * SIZE)
                found[layer, "ov", head] = value[:, head] @ dense[:, columns].T
        return hook

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        for index, block in enumerate(model.gpt_neox.layers):
            handles.append(block.mlp.dense_4h_to_h.register_forward_hook(keep(index, "mlp")))
            handles.append(
                block.attention.query_key_value.register_forward_hook(keep(index, "ov")))
        model(input_ids=tokens, use_cache=False)
    return found


def gradients(folder, tokens):
    model = load(folder)
    model(input_ids=tokens, labels=tokens, use_cache=False).loss.backward()
    names = ("query_key_value.weight", "attention.dense.weight", "dense_4h_to_h.weight")
    return {
        name: parameter.grad.numpy() for name, parameter in model.named_parameters()
        if name.endswith(names)
    }


def stored(folder):
    return {k: v.float().numpy() for k, v in load_file(f"{folder}/model.safetensors").items()}


class Published:
    def __init__(self):
        self.seconds, self.parts, self.values = 0.0, {}, {}

    def timed(self, part, function, *arguments):
        start = time.perf_counter()
        result = function(*arguments)
        seconds = time.perf_counter() - start
        self.parts[part] = self.parts.get(part, 0) + seconds
        self.seconds += seconds
        return result

    def note(self, step, object, metric, values):
        self.values |= {(step, *key, object, metric): value for key, value in values.items()}


def published(folder, tokens):
    """One round of the published way; the whole study and the weights alone."""
    whole, weights, kept = Published(), Published(), {}
    for step in STEPS[-options.sample:]:
        path = f"{folder}/run/step{step}"
        tensors = weights.timed("reading", stored, path)
        weights.note(step, "weights", "per", weights.timed("spectra", weight_ranks, tensors))
        if tokens is None:
            continue
        kept[step] = whole.timed("forward", activations, path, tokens)
        slopes = whole.timed("forward and backward", gradients, path, tokens)
        ranks = whole.timed("gradients' spectra", gradient_ranks, tensors, slopes)
        whole.note(step, "gradients", "per", ranks)
    for own in kept.values():
        final = kept[STEPS[-1]]
        whole.timed("CKA", lambda: {key: cka(own[key], final[key]) for key in own})
    for side in (whole, weights):
        side.seconds *= 2 / options.sample
        side.parts = {name: value * 2 / options.sample for name, value in side.parts.items()}
    whole.seconds += weights.seconds
    whole.parts = {"weights' spectra": weights.seconds} | whole.parts
    whole.values |= weights.values
    return whole, weights


def ours(folder, objects):
    """Seconds of the measuring stages, of the whole command, the stages, and the rows."""
    with tempfile.TemporaryDirectory() as out:
        with open(f"{out}/study.yaml", "w") as file:
            file.write(
                f"name: bench\nruns: [{{name: r, checkpoints: {folder}/run}}]\n"
                f"probes: [{{name: a, tokens: {folder}/tokens.npy}}]\n"
                f"measure: {{objects: [{objects}], variants: []}}\n")
        start = time.perf_counter()
        run = subprocess.run(
            [options.tend, "run", f"{out}/study.yaml", "--threads", str(options.threads)],
            capture_output=True, text=True)
        command = time.perf_counter() - start
        if run.returncode:
            sys.exit(run.stderr)
        with open(f"{out}/results/provenance.json") as file:
            stages = json.load(file)["seconds"]
        with open(f"{out}/results/measurements.csv") as file:
            rows = list(csv.DictReader(file))
    for name in ("figures", "site", "analysis"):
        stages.pop(name, None)
    return sum(stages.values()), command, stages, rows


def compare(values, rows):
    found = {
        (int(r["step"]), int(r["layer"]), r["component"], int(r["head"]) if r["head"] else "",
         r["object"], r["metric"]): float(r["value"])
        for r in rows if r["layer"] and r["value"]}
    worst = max(abs(found[key] - value) for key, value in values.items())
    if not worst < 2e-3:  # the other side computes spectra in float32
        sys.exit(f"values differ by {worst}")
    return worst


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def main():
    torch.set_num_threads(options.threads)
    whole, weights = [], []
    with tempfile.TemporaryDirectory() as folder:
        tokens = write_run(folder)
        for _ in range(options.rounds):
            mine, mine_alone = ours(folder, "activations, weights, gradients"), ours(folder, "weights")
            theirs, theirs_alone = published(folder, tokens)
            worst = compare(theirs.values, mine[3])
            whole.append((mine, theirs))
            weights.append((mine_alone, theirs_alone))
    print(f"GPT-NeoX, {options.layers} layers, d {D}, {HEADS} heads, 2 checkpoints in float16, "
          f"{options.sequences} x {options.length} tokens, {options.threads} threads, "
          f"{options.rounds} rounds, torch {torch.__version__}, numpy {np.__version__}, "
          f"scipy {scipy.__version__}")
    print(f"PER of the two sides differs by at most {worst:.1e}\n")
    print("| study | published way, s | tend, measuring, s | ratio | tend, with figures and pages, s | ratio |")
    print("|---|---|---|---|---|---|")
    for name, rounds in (("activations, weights, gradients", whole), ("weights", weights)):
        print(f"| {name} | {spread([t.seconds for _, t in rounds])} "
              f"| {spread([m[0] for m, _ in rounds])} "
              f"| {spread([t.seconds / m[0] for m, t in rounds])} "
              f"| {spread([m[1] for m, _ in rounds])} "
              f"| {spread([t.seconds / m[1] for m, t in rounds])} |")
    print("\nwhere the time goes, last round:")
    print("  published: " + ", ".join(f"{k} {v:.1f} s" for k, v in whole[-1][1].parts.items()))
    print("  tend: " + ", ".join(f"{k} {v:.1f} s" for k, v in whole[-1][0][2].items() if v >= 0.05))


if __name__ == "__main__":
    main()
