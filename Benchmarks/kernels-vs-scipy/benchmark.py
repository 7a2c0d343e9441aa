#!/usr/bin/env python3
"""Similarities and spectra of one checkpoint pair: tend's kernels beside numpy and scipy.

The numpy side is written the way the published analysis does it: CKA in feature space for each pair
(in float32, as captured), for each head the d x d product and all its singular values by
scipy.linalg.svdvals. Both sides get the same arrays and the same number of threads; layer by layer
one runs after the other, so that a busy machine slows both. Values are compared before times are.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("kernels", help="the Kernels executable")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--layers", type=int, default=12)
parser.add_argument("--hidden", type=int, default=768)
parser.add_argument("--heads", type=int, default=12)
parser.add_argument("--sequences", type=int, default=128)
options = parser.parse_args()
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(options.threads)

import numpy as np  # noqa: E402  (the thread count is read at import)
import scipy.linalg  # noqa: E402

d, heads, n = options.hidden, options.heads, options.sequences
size = d // heads


def feature_space_cka(x, y):
    """Kornblith et al.'s formula as the published code calls it, for each pair anew."""
    x = x - x.mean(0)
    y = y - y.mean(0)
    similarity = np.linalg.norm(y.T @ x) ** 2
    return similarity / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def proportional_effective_rank(values, k):
    values = values[:k]
    p = values / values.sum()
    return float(np.exp(-np.sum(p * np.log(p))) / k)


def value_rows(fused):
    return fused.reshape(heads, 3, size, d)[:, 2]


def numpy_cka(layer):
    names = sorted(key[2:] for key in layer if key.startswith("y."))
    return [feature_space_cka(layer["x." + name], layer["y." + name]) for name in names]


def numpy_mlp(layer):
    return [
        proportional_effective_rank(scipy.linalg.svdvals(layer[key]), d)
        for key in ("w.mlp", "g.mlp")
    ]


def numpy_heads(layer):
    value, change = value_rows(layer["w.fused"]), value_rows(layer["g.fused"])
    weights, gradients = [], []
    for head in range(heads):
        columns = slice(head * size, (head + 1) * size)
        out, out_change = layer["w.output"][:, columns], layer["g.output"][:, columns]
        weights.append(
            proportional_effective_rank(scipy.linalg.svdvals(out @ value[head]), size))
        product = out_change @ value[head] + out @ change[head]
        gradients.append(
            proportional_effective_rank(scipy.linalg.svdvals(product), min(2 * size, d)))
    return weights + gradients


def numpy_full(layer):
    value, change = (value_rows(layer[key]).reshape(d, d) for key in ("w.fused", "g.fused"))
    products = (
        layer["w.output"] @ value,
        layer["g.output"] @ value + layer["w.output"] @ change,
    )
    return [proportional_effective_rank(scipy.linalg.svdvals(m), d) for m in products]


def make_layer(generator):
    """Activations of rank-deficient structure with a large mean, weights, small gradients."""

    def activations(features):
        mixing = generator.normal(size=(features, features)) * np.linspace(0.1, 2, features)
        mean = 5 * generator.normal(size=features)
        x = generator.normal(size=(n, features)) @ mixing.T
        y = x + 0.7 * generator.normal(size=(n, features)) @ mixing.T
        return x + mean, y + mean

    layer = {}
    for name in ("mlp", "ov", "attention", "residual"):
        layer["x." + name], layer["y." + name] = activations(d)
    for head in range(heads):
        out = generator.normal(size=(size, d))
        x, y = activations(size)
        layer[f"x.head{head:02}"], layer[f"y.head{head:02}"] = x @ out, y @ out
    for name, scale in (("w", 0.02), ("g", 1e-4)):
        layer[name + ".mlp"] = scale * generator.normal(size=(d, 4 * d))
        layer[name + ".output"] = scale * generator.normal(size=(d, d))
        layer[name + ".fused"] = scale * generator.normal(size=(3 * d, d))
    return {name: np.ascontiguousarray(m, dtype="<f4") for name, m in layer.items()}


class Kernels:
    def __init__(self, path):
        self.process = subprocess.Popen(
            [path, str(options.threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            sys.exit(f"Kernels: {line}: {answer or 'ended'}")
        return answer

    def time(self, operation):
        numbers = [float(word) for word in self.ask("time " + operation).split()]
        return numbers[0], numbers[1:]


def timed(function, *arguments):
    start = time.perf_counter()
    values = function(*arguments)
    return time.perf_counter() - start, values


def check(name, ours, theirs):
    ours = ours[::2] if name == "cka" else ours
    worst = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    # The other side computes in float32.
    if not worst < 2e-3:
        sys.exit(f"{name}: the two sides differ by {worst}")
    return worst


operations = {"cka": numpy_cka, "mlp": numpy_mlp, "heads": numpy_heads, "full": numpy_full}
extras = ("cka-with-intervals", "cka-with-everything", "references")
labels = {
    "cka": f"CKA of {4 + heads} pairs [{n}, {d}]",
    "mlp": f"spectra of W_down and its gradient [{d}, {4 * d}]",
    "heads": f"OV spectra of {heads} heads, weights and gradients",
    "full": "OV spectra of all heads together, weights and gradients",
    "cka-with-intervals": "CKA with 200 half-samples",
    "cka-with-everything": "CKA with half-samples, 1,000 re-pairings, row influence",
    "references": "preparing the final checkpoint's side (once a study)",
}

kernels = Kernels(options.kernels)
generator = np.random.default_rng(0)
ours = {name: [] for name in (*operations, *extras)}
theirs = {name: [] for name in operations}
worst = dict.fromkeys(operations, 0.0)
kernels.ask(f"heads {heads}")
gemm_rates = []
with tempfile.TemporaryDirectory() as folder:
    for index in range(options.layers):
        layer = make_layer(generator)
        for name, matrix in layer.items():
            path = pathlib.Path(folder, "matrix")
            matrix.tofile(path)
            kernels.ask(f"load {name} {matrix.shape[0]} {matrix.shape[1]} {path}")
        kernels.ask("prepare")
        if index == 0:  # both sides warm up
            for name, function in operations.items():
                kernels.time(name)
            numpy_cka(layer)
        gemm_rates.append(2 * 1024**3 / kernels.time("dgemm")[0] / 1e9)
        for name, function in operations.items():
            seconds, expected = timed(function, layer)
            theirs[name].append(seconds)
            seconds, values = kernels.time(name)
            ours[name].append(seconds)
            worst[name] = max(worst[name], check(name, values, expected))
        for name in extras:
            ours[name].append(kernels.time(name)[0])

print(f"{options.layers} layers, d {d}, {heads} heads, n {n}, {options.threads} threads; "
      f"numpy {np.__version__}, scipy {scipy.__version__}; medians of milliseconds a layer")
print(f"{'':62}{'numpy':>9}{'tend':>9}{'ratio':>8}  spread")


def report(label, reference, own):
    ratios = np.sort(np.array(reference) / np.array(own))
    low, high = np.quantile(ratios, [0.1, 0.9])
    print(f"{label:62}{1e3 * np.median(reference):9.1f}{1e3 * np.median(own):9.1f}"
          f"{np.median(ratios):8.1f}  {low:.1f} to {high:.1f}")


for name in operations:
    report(labels[name], theirs[name], ours[name])
published = [sum(parts) for parts in zip(*(theirs[k] for k in ("cka", "mlp", "heads")))]
own = [sum(parts) for parts in zip(*(ours[k] for k in ("cka", "mlp", "heads")))]
report("what the published analysis computes (the first three)", published, own)
report("everything (all four)", [a + b for a, b in zip(published, theirs["full"])],
       [a + b for a, b in zip(own, ours["full"])])
complete = [sum(parts) for parts in zip(*(ours[k] for k in
                                          ("cka-with-everything", "mlp", "heads", "full")))]
report("the same, tend with intervals, null floor and influence",
       [a + b for a, b in zip(published, theirs["full"])], complete)
for name in extras:
    print(f"{labels[name]:62}{'':9}{1e3 * np.median(ours[name]):9.1f}")
# dsyrk of the smaller side and the tridiagonal reduction of d x d, of both matrices.
work = 2 * (4 * d**3 + 4 / 3 * d**3)
rate = work / np.median(ours["mlp"]) / 1e9
peak = options.threads * np.median(gemm_rates)
print(f"spectra of W_down run at {100 * rate / peak:.0f} % of the measured dgemm rate "
      f"({peak:.0f} GFLOP/s on {options.threads} threads)")
print("largest difference of the values: "
      + ", ".join(f"{name} {value:.1e}" for name, value in worst.items()))
