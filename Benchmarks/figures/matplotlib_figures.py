"""The same two figures with matplotlib: python3 matplotlib_figures.py ROWS.csv prints one line of JSON a figure."""
import io
import json
import sys
import time

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["pdf.fonttype"] = 42

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

rows = pd.read_csv(sys.argv[1])
RUNS = ["70M", "160M", "410M", "1.4B", "2.8B"]
METRICS = ["CKA", "PER, weights", "PER, gradients"]


def result():
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 2.6), layout="constrained")
    for axis, metric in zip(axes, METRICS):
        for marker, run in zip("os^Dv", RUNS):
            values = rows[(rows.metric == metric) & (rows.run == run)].groupby("step").value
            q = values.quantile([0.25, 0.5, 0.75]).unstack()
            axis.fill_between(q.index, q[0.25], q[0.75], alpha=0.17)
            axis.plot(q.index, q[0.5], marker=marker, label=run)
        axis.set_xscale("function", functions=(lambda x: np.log2(1 + x), lambda x: 2**x - 1))
        axis.set_xticks([0, 8, 512, 143000], ["0", "8", "512", "143k"])
        axis.set_title(metric)
    axes[-1].legend()
    return figure


def heatmaps():
    figure, axes = plt.subplots(2, 5, figsize=(9.6, 3.4), layout="constrained")
    for line, metric in zip(axes, METRICS):
        for axis, run in zip(line, RUNS):
            part = rows[(rows.metric == metric) & (rows.run == run) & (rows.replicate == 0)]
            cells = part.pivot(index="layer", columns="step", values="value")
            mesh = axis.pcolormesh(cells.values, vmin=0, vmax=1)
            axis.set_title(run)
    figure.colorbar(mesh, ax=axes)
    return figure


for name, make in (("result", result), ("heatmaps", heatmaps)):
    times, sizes = [], {}
    for _ in range(5):
        start = time.perf_counter()
        figure = make()
        for kind in ("svg", "pdf", "png"):
            file = io.BytesIO()
            figure.savefig(file, format=kind, dpi=100)
            sizes[kind] = file.tell()
        plt.close(figure)
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    print(json.dumps({"program": "matplotlib " + matplotlib.__version__, "figure": name, "rows": len(rows),
                      "median_ms": round(times[2], 1), **sizes}))
