#!/usr/bin/env python3
"""Convergence measures and associations by METHODS' definitions, in numpy and scipy, sharing no code with Sources.

    python3 scripts/reference/associations.py                     writes Tests/Fixtures/reference/associations/
    python3 scripts/reference/associations.py --table F --seed N  a random table and its study.yaml, into folder F
    python3 scripts/reference/associations.py --check F           compares F/results with what is computed here

Run it from the top of the repository; needs python3 with numpy and scipy.
"""

import argparse
import csv
import itertools
import math
import pathlib
import sys

import numpy as np
from scipy import stats

COLUMNS = "run step layer head component object metric variant rows probe value lower upper n".split()
# What is paired with PER mean and with depth: every measure of a similarity curve (METHODS, section 6).
SIMILARITY = "area area_log at_0.2 increment_sd instability monotonicity settling_0.9 spearman_step".split()
# Sums of changes of ov's two-digit values may be equal in exact arithmetic alone: their ties are not compared.
CHANGES = {"increment_sd", "instability", "monotonicity"}
RUNS = {"a": 4, "b": 5, "c": 6, "d": 8, "e": 9, "f": 11}


# --- a random table -------------------------------------------------------------------------------------


def grid(run):
    """Shared checkpoints, one more in d, and f twice as long, its checkpoints near the others' fractions."""
    steps = [0, 1, 5, 10, 100, 200, 350, 600, 900, 1000]
    if run == "d":
        return sorted(steps + [500])
    if run == "f":
        return [0, 2, 10, 20, 201, 399, 700, 1200, 1803, 2000]
    return steps


def make(folder, seed):
    rng = np.random.default_rng(seed)
    rows = []

    def add(run, step, layer, head, component, object_, metric, value, n=128):
        rows.append([run, step, layer, head, component, object_, metric, "default",
                     "last" if object_ == "activations" else "",
                     "" if object_ == "weights" else "p",
                     "" if value is None else repr(float(value)), "", "", n])

    for run, layers in RUNS.items():
        steps = grid(run)
        for layer in range(layers):
            speed = rng.uniform(0.5, 30)
            for component in ("mlp", "ov"):
                for step in steps:
                    u = step / steps[-1]
                    value = 1 if u == 1 else 1 - np.exp(-speed * (0.05 + u)) + 0.05 * rng.normal()
                    if component == "ov":  # ties
                        value = np.round(value, 2)
                    # Some values are missing.
                    lost = u < 1 and rng.uniform() < 0.02
                    add(run, step, layer, "", component, "activations", "cka_debiased", None if lost else value)
                for object_ in ("weights", "gradients"):
                    for head in ([""] if component == "mlp" else [0, 1]):
                        start, drift = rng.uniform(0.3, 0.9), rng.normal() * 0.1
                        for step in steps:
                            add(run, step, layer, head, component, object_, "per",
                                np.round(start + drift * step / steps[-1] + 0.02 * rng.normal(), 2), "")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "measurements.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    runs = "\n".join(f"  - {{name: {run}, parameters: {10 ** (6 + i / 2):.0f}}}" for i, run in enumerate(RUNS))
    (folder / "study.yaml").write_text(f"name: random\nmeasurements: measurements.csv\nruns:\n{runs}\n")


# --- curves (METHODS, section 5) ------------------------------------------------------------------------


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def curves(table):
    """Key (run, layer, head, component, object, metric, variant, rows, probe) to {step: value}; nan is missing."""
    found = {}
    for row in table:
        key = tuple(row[c] for c in "run layer head component object metric variant rows probe".split())
        found.setdefault(key, {})[int(row["step"])] = float(row["value"]) if row["value"] else math.nan
    return found


def grids(table):
    steps = {}
    for row in table:
        if row["layer"]:
            steps.setdefault(row["run"], set()).add(int(row["step"]))
    return {run: sorted(s) for run, s in steps.items()}


def common(steps):
    """The checkpoints that all runs share, by equal step or |Δu| ≤ .005, in order, every one used once."""
    shared = None
    for run in sorted(steps, key=lambda r: (len(steps[r]), r)):
        mine, T = steps[run], steps[run][-1]
        if shared is None:
            shared = [{run: s} for s in mine]
            continue
        best = {(0, 0): (0, [])}
        for i in range(len(shared) + 1):  # longest common subsequence
            for j in range(len(mine) + 1):
                options = []
                if i:
                    options.append(best[i - 1, j])
                if j:
                    options.append(best[i, j - 1])
                if i and j and all(s == mine[j - 1] or abs(s / steps[r][-1] - mine[j - 1] / T) <= 0.005
                                   for r, s in shared[i - 1].items()):
                    score, path = best[i - 1, j - 1]
                    options.append((score + 1, path + [(i - 1, j - 1)]))
                if options:
                    best[i, j] = max(options, key=lambda o: o[0])
        shared = [shared[i] | {run: mine[j]} for i, j in best[len(shared), len(mine)][1]]
    return {run: [s[run] for s in shared] for run in steps}


def late(steps, T):
    early = [s for s in steps if s / T <= 0.01]
    return [s for s in steps if s >= early[-1]] if early else steps


def windows(steps):
    shared = common(steps)
    found = {run: {"all": s, "late": late(s, s[-1])} for run, s in steps.items()}
    if any(shared[run] != steps[run] for run in steps):
        for run in steps:
            found[run] |= {"common": shared[run], "common_late": late(shared[run], steps[run][-1])}
    return found


def height(x, c):
    return np.trapezoid(c, x) / (x[-1] - x[0]) if len(x) > 1 and x[-1] > x[0] else None


def similarity_measures(t, u, c):
    found = {}
    if len(u) and u[0] <= 0.2 <= u[-1]:
        found["at_0.2"] = float(np.interp(0.2, u, c))
    if len(c) < 4:
        return found
    d = np.diff(c)
    below = [i for i in range(len(c)) if c[i] < 0.9]
    last = below[-1] + 1 if below else 0
    found["settling_0.9"] = u[last] if last < len(c) else math.inf
    found["area"], found["area_log"] = height(u, c), height(np.log2(1 + t), c)
    total = np.abs(d).sum()
    found["instability"] = float(-d[d < 0].sum())
    found["monotonicity"] = 1.0 if total == 0 else 1 + d[d < 0].sum() / total
    if len(set(c)) > 1:
        # Sums of ranks are exact, so that equal values stay ties where layers are ranked by them.
        x, y = (r - r.mean() for r in (stats.rankdata(c), stats.rankdata(t)))
        found["spearman_step"] = x @ y / math.sqrt((x @ x) * (y @ y))
    found["increment_sd"] = np.std(d, ddof=1)
    return found


def matrix_measures(t, u, c, T):
    found = {"mean": height(u, c), "mean_log": height(np.log2(1 + t), c)}
    if len(t) and t[-1] == T:
        found["final"] = c[-1]
    if len(c) > 1 and np.mean(c) != 0:
        found["cv"] = np.std(c, ddof=1) / np.mean(c)
        found["slope"] = stats.linregress(u, c).slope
    return {k: v for k, v in found.items() if v is not None}


def summaries(curve, steps, T, is_similarity):
    points = [(s, curve[s]) for s in sorted(curve)
              if s in steps and not math.isnan(curve[s]) and not (is_similarity and s == T)]
    t = np.array([p[0] for p in points], float)
    c = np.array([p[1] for p in points], float)
    return (similarity_measures(t, t / T, c) if is_similarity else matrix_measures(t, t / T, c, T)), len(points)


def convergence(table):
    steps = grids(table)
    plan = windows(steps)
    found = {}
    for key, curve in curves(table).items():
        T = steps[key[0]][-1]
        for window, kept in plan[key[0]].items():
            values, n = summaries(curve, set(kept), T, key[4] == "activations")
            for measure, value in values.items():
                found[key + (window, measure)] = (value, n)
    return found


# --- associations (METHODS, section 6) ------------------------------------------------------------------


def layer_values(table):
    """(run, component, object, window, measure) to {layer: value}; PER of ov is the mean over heads."""
    steps = grids(table)
    plan = windows(steps)
    stored = curves(table)
    found = {}
    heads = {}
    for key, curve in stored.items():
        run, layer, head, component, object_ = key[:5]
        if object_ == "activations":
            heads.setdefault((run, layer, component, object_), []).append(curve)
        elif component != "ov" or head:
            heads.setdefault((run, layer, component, object_), []).append(curve)
    for (run, layer, component, object_), parts in heads.items():
        curve = {s: np.mean([p[s] for p in parts]) for s in parts[0]}
        for window, kept in plan[run].items():
            values, _ = summaries(curve, set(kept), steps[run][-1], object_ == "activations")
            for measure, value in values.items():
                found.setdefault((run, component, object_, window, measure), {})[int(layer)] = value
    return found


def residual(x, z):
    z = z - z.mean()
    return x - x.mean() - z * (z @ (x - x.mean())) / (z @ z)


def coefficient(method, x, y, z=None):
    if method == "kendall_b":
        xy = stats.kendalltau(x, y).statistic
        if z is None or math.isnan(xy):
            return xy
        xz, yz = stats.kendalltau(x, z).statistic, stats.kendalltau(y, z).statistic
        left = (1 - xz**2) * (1 - yz**2)
        return (xy - xz * yz) / math.sqrt(left) if left > 1e-12 else 0.0
    if method == "spearman":
        x, y = stats.rankdata(x), stats.rankdata(y)
        z = None if z is None else stats.rankdata(z)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    if z is None:
        return np.corrcoef(x, y)[0, 1]
    e, f = residual(x, z), residual(y, z)
    # Explained exactly by depth: nothing is left to correlate.
    if e @ e < 1e-18 * (x @ x) or f @ f < 1e-18 * (y @ y):
        return 0.0
    return e @ f / math.sqrt((e @ e) * (f @ f))


def combine(method, samples, given):
    """Estimate, lower, upper, p, n, k by DerSimonian–Laird and Hartung–Knapp; None without a usable run."""
    z, v, n = [], [], 0
    for x, y, depth in samples:
        m = len(x) - given
        least = 4 if method == "kendall_b" else 3
        if m <= least:
            continue
        r = coefficient(method, x, y, depth if given else None)
        if r is None or math.isnan(r):
            continue
        limit = 1 - 6 / (m**3 - m)
        z.append(math.atanh(max(-limit, min(limit, r))))
        v.append({"spearman": 1.06, "pearson": 1, "kendall_b": 0.437}[method] / (m - least))
        n += len(x)
    if not z:
        return None
    z, v, k = np.array(z), np.array(v), len(z)
    w = 1 / v
    q = w @ (z - w @ z / w.sum()) ** 2
    tau2 = max(0, (q - (k - 1)) / (w.sum() - w @ w / w.sum())) if k > 1 else 0
    w = 1 / (v + tau2)
    mean = w @ z / w.sum()
    if k < 4:
        return math.tanh(mean), None, None, None, n, k
    se = math.sqrt(w @ (z - mean) ** 2 / ((k - 1) * w.sum()))
    reach = stats.t.ppf(0.975, k - 1) * se
    return (math.tanh(mean), math.tanh(mean - reach), math.tanh(mean + reach),
            2 * stats.t.sf(abs(mean) / se, k - 1), n, k)


def associations(table):
    """Key (run, component, object, measure, per_measure, window, method, scope) to (estimate, lower, upper, p, n)."""
    values = layer_values(table)
    runs = sorted(grids(table))
    depth = {run: max(int(r["layer"]) for r in table if r["run"] == run and r["layer"]) for run in runs}
    found = {}
    kinds = sorted({k[3] for k in values})
    grid_ = list(itertools.product(("weights", "gradients"), SIMILARITY, ["mean"])) + [("", m, "depth") for m in SIMILARITY]
    for component, window, (object_, measure, other) in itertools.product(("mlp", "ov"), kinds, grid_):
        samples = []
        for run in runs:
            x = values.get((run, component, "activations", window, measure), {})
            y = (values.get((run, component, object_, window, other), {}) if object_
                 else {layer: layer / depth[run] for layer in x})
            layers = sorted(set(x) & set(y))
            if layers:
                samples.append((run, [np.array([d[l] for l in layers], float) for d in (x, y)]
                                + [np.array([l / depth[run] for l in layers])]))
        for method in ("spearman", "kendall_b", "pearson"):
            parts = [s for _, s in samples]
            endless = method == "pearson" and any(np.isinf(s[0]).any() for s in parts)
            key = (component, object_, measure, other, window, method)
            for scope in ("within", "within_given_depth"):
                if not object_ and scope != "within":
                    continue
                row = None if endless else combine(method, parts, scope == "within_given_depth")
                if row:
                    found[("",) + key + (scope,)] = row[:5]
                for run, s in samples:
                    if method == "pearson" and np.isinf(s[0]).any():
                        continue
                    given = s[2] if scope == "within_given_depth" else None
                    if given is not None and len(s[0]) < 3:
                        continue
                    r = coefficient(method, s[0], s[1], given)
                    if r is not None and not math.isnan(r):
                        found[(run,) + key + (scope,)] = (r, None, None, None, len(s[0]))
            if endless:
                continue
            pooled = [np.concatenate([s[i] for s in parts]) for i in (0, 1)]
            r = coefficient(method, *pooled)
            if r is not None and not math.isnan(r):
                found[("",) + key + ("pooled",)] = (r, None, None, None, len(pooled[0]))
    return found


# --- results --------------------------------------------------------------------------------------------


def number(text):
    return float(text) if text else None


def near(a, b, tolerance=1e-10):
    if a is None or b is None:
        return a is None and b is None
    return abs(a - b) <= tolerance * max(1, abs(b))


def check(folder):
    table = read(folder / "measurements.csv")
    wrong = []
    expected = convergence(table)
    rows = read(folder / "results" / "convergence.csv")
    keys = "run layer head component object metric variant rows probe window measure".split()
    got = {tuple(r[k] for k in keys): r for r in rows}
    if set(got) != set(expected):
        wrong.append(f"convergence keys differ: {len(set(got) - set(expected))} more, {len(set(expected) - set(got))} less, e.g. "
                     f"{sorted(set(got) ^ set(expected))[:3]}")
    for key in set(got) & set(expected):
        value, n = expected[key]
        if not near(number(got[key]["value"]), None if math.isinf(value) else value) or int(got[key]["n"]) != n:
            wrong.append(f"convergence {key}: {got[key]['value']} (n {got[key]['n']}), here {value} (n {n})")
    rows = read(folder / "results" / "associations.csv")
    keys = "run component object measure per_measure window method scope".split()
    got = {tuple(r[k] for k in keys): r for r in rows}
    expected = associations(table)
    more, less = set(got) - set(expected), set(expected) - set(got)
    # A run's own coefficient that depth explains exactly is 0/0 and has no row.
    less = {k for k in less if not (k[0] and expected[k][0] == 0)}
    if more or less:
        wrong.append(f"association keys differ: more {sorted(more)[:3]} ({len(more)}), less {sorted(less)[:3]} ({len(less)})")
    compared = {k for k in set(got) & set(expected) if not (k[1] == "ov" and k[3] in CHANGES)}
    for key in compared:
        row, (estimate, lower, upper, p, n) = got[key], expected[key]
        fine = near(number(row["estimate"]), estimate) and int(row["n"]) == n
        if p is not None:
            fine &= near(number(row["lower"]), lower) and near(number(row["upper"]), upper) and near(number(row["p"]), p)
        if not fine:
            wrong.append(f"association {key}: {[row[c] for c in ('estimate', 'lower', 'upper', 'p', 'n')]}, here {expected[key]}")
    families = {}
    for row in rows:
        if not row["run"] and row["p"]:
            families.setdefault(tuple(row[c] for c in "metric variant rows probe window method scope".split()), []).append(row)
    for rows_ in families.values():
        q = stats.false_discovery_control([float(r["p"]) for r in rows_])
        wrong += [f"q of {r}: here {v}" for r, v in zip(rows_, q) if not near(float(r["q"]), v)]
    wrong += [f"q of a run's own row {r}" for r in rows if r["run"] and r["q"]]
    print(f"{len(got)} associations, {len(families)} families: {len(wrong)} differ")
    for line in wrong[:20]:
        print(" ", line)
    return not wrong


def write_fixture(folder):
    make(folder, 20246)
    (folder / "study.yaml").unlink()
    table = read(folder / "measurements.csv")
    text = lambda v: "" if v is None or math.isinf(v) else repr(float(v))
    with open(folder / "convergence.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("run layer head component object metric variant rows probe window measure value n".split())
        # A fifth of them, spread over all kinds.
        for key, (value, n) in sorted(convergence(table).items())[::5]:
            writer.writerow(list(key) + [text(value), n])
    with open(folder / "associations.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("run component object measure per_measure window method scope estimate lower upper p n".split())
        # Without a run's own coefficient that depth explains exactly: 0/0, which has no row.
        rows = [(k, v) for k, v in sorted(associations(table).items())
                if not (k[1] == "ov" and k[3] in CHANGES) and not (k[0] and k[-1] == "within_given_depth" and v[0] == 0)]
        # Half of those that are combined and an eighth of the others, spread over all kinds.
        kept = [r for r in rows if r[1][3] is not None][::2] + [r for r in rows if r[1][3] is None][::8]
        for key, (estimate, lower, upper, p, n) in sorted(kept):
            writer.writerow(list(key) + [text(v) for v in (estimate, lower, upper, p)] + [n])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.check:
        sys.exit(0 if check(arguments.check) else 1)
    if arguments.table:
        make(arguments.table, arguments.seed)
    else:
        write_fixture(pathlib.Path("Tests/Fixtures/reference/associations"))


if __name__ == "__main__":
    main()
