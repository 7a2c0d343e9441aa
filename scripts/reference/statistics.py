#!/usr/bin/env python3
"""Reference values of scipy and numpy for Tests/StatisticsTests, written to Tests/Fixtures/reference/statistics.json.

Needs python3 with numpy and scipy; run it from the top of the repository. Seeded: the same file every time.
"""

import json
import pathlib

import numpy as np
from scipy import special, stats


def residuals(values, columns):
    design = np.column_stack([np.ones(len(values)), *columns])
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def partial(method, x, y, z, quadratic=False):
    """The correlation of x and y given z; None (0/0) where z explains one of them exactly."""
    if method == "kendall_b":
        xy, xz, yz = (stats.kendalltau(a, b).statistic for a, b in ((x, y), (x, z), (y, z)))
        if max(abs(xz), abs(yz)) > 1 - 1e-12:
            return None
        return (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    if method == "spearman":
        x, y, z = map(stats.rankdata, (x, y, z))
    z = z - np.mean(z)
    columns = [z, z**2] if quadratic else [z]
    e, f = residuals(x, columns), residuals(y, columns)
    if min(np.linalg.norm(e) / np.linalg.norm(x), np.linalg.norm(f) / np.linalg.norm(y)) < 1e-12:
        return None
    return stats.pearsonr(e, f).statistic


def table(rng, n, levels):
    x = rng.normal(size=n)
    y = 0.5 * x + rng.normal(size=n)
    z = np.arange(n, dtype=float)
    if levels:  # ties
        x, y = np.round(x * levels) / levels, np.round(y * levels) / levels
        z = np.floor(z / 2)
    return x, y, z


def correlations(rng):
    cases = []
    for n in (5, 6, 8, 12, 24, 32, 60):
        for levels in (0, 1, 2):
            x, y, z = table(rng, n, levels)
            cases.append({
                "x": x.tolist(), "y": y.tolist(), "z": z.tolist(),
                "ranks": stats.rankdata(x).tolist(),
                "pearson": stats.pearsonr(x, y).statistic,
                "spearman": stats.spearmanr(x, y).statistic,
                "kendall": stats.kendalltau(x, y).statistic,
                "partialPearson": partial("pearson", x, y, z),
                "partialSpearman": partial("spearman", x, y, z),
                "partialKendall": partial("kendall_b", x, y, z),
                "quadraticPearson": partial("pearson", x, y, z, True),
                "quadraticSpearman": partial("spearman", x, y, z, True),
                "quantiles": [float(np.quantile(x, q)) for q in (0, 0.025, 0.25, 0.5, 0.8, 0.975, 1)],
                "adjusted": stats.false_discovery_control(stats.norm.cdf(x)).tolist(),
            })
    return cases


def lines(rng):
    cases = []
    for n in (3, 4, 5, 9, 40):
        x = rng.normal(size=n) * 3 + 8
        y = 0.3 * x + rng.normal(size=n)
        fit = stats.linregress(x, y)
        t = stats.t.ppf(0.975, n - 2)
        cases.append({
            "x": x.tolist(), "y": y.tolist(), "slope": fit.slope, "intercept": fit.intercept,
            "standardError": fit.stderr, "lower": fit.slope - t * fit.stderr, "upper": fit.slope + t * fit.stderr,
            "meanInterval": [float(v) for v in stats.t.interval(0.95, n - 1, np.mean(y), stats.sem(y))],
        })
    return cases


def combinations(rng):
    cases = []
    for k in (1, 2, 4, 5, 9):
        for spread in (0.01, 0.6):
            n = rng.integers(6, 32, size=k)
            z = 0.4 + spread * rng.normal(size=k)
            v = 1.06 / (n - 3)
            w = 1 / v
            centre = (w @ z) / w.sum()
            q = w @ (z - centre) ** 2
            tau2 = max(0, (q - (k - 1)) / (w.sum() - (w @ w) / w.sum())) if k > 1 else 0
            ws = 1 / (v + tau2)
            mean = (ws @ z) / ws.sum()
            case = {"z": z.tolist(), "v": v.tolist(), "tau2": tau2, "mean": mean}
            if k > 1:
                se = np.sqrt(ws @ (z - mean) ** 2 / ((k - 1) * ws.sum()))
                t = stats.t.ppf(0.975, k - 1)
                case |= {"lower": mean - t * se, "upper": mean + t * se, "p": 2 * stats.t.sf(abs(mean / se), k - 1)}
            cases.append(case)
    return cases


def distributions():
    freedoms = [1, 2, 3, 4, 7, 30, 200]
    return {
        "t": [{"df": df, "t": t, "cdf": float(stats.t.cdf(t, df)), "sf2": float(2 * stats.t.sf(abs(t), df))}
              for df in freedoms for t in (-40.0, -2.5, -0.1, 0.0, 0.7, 3.2, 12.0)],
        "tQuantile": [{"df": df, "p": p, "t": float(stats.t.ppf(p, df))}
                       for df in freedoms for p in (0.001, 0.025, 0.4, 0.6, 0.9, 0.975, 0.9995)],
        "normal": [{"p": p, "z": float(stats.norm.ppf(p))}
                   for p in (1e-12, 1e-5, 0.001, 0.02, 0.025, 0.3, 0.5, 0.7, 0.975, 0.99, 0.99999)],
        "beta": [{"x": x, "a": a, "b": b, "value": float(special.betainc(a, b, x))}
                 for a, b in ((0.5, 0.5), (0.5, 8), (3, 2), (40, 55), (200, 0.5)) for x in (0.001, 0.2, 0.5, 0.77, 0.999)],
    }


def main():
    rng = np.random.default_rng(20241)
    values = {"correlations": correlations(rng), "lines": lines(rng), "combinations": combinations(rng)}
    values |= distributions()
    target = pathlib.Path("Tests/Fixtures/reference/statistics.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(values, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
