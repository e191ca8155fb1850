#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Data drift: how right, how strong and how fast kedge's methods are, beside SciPy, frouros, evidently and alibi-detect.

shift.py PROGRAM DOCS [--repetitions N] [--alibi PYTHON]. PROGRAM is bench-shift; writes DOCS/shift-quality.md from what it
measures, and prints it. Rates and power come from seeds; times are medians of several runs in one process, with their spread."""
import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import time
import warnings

import numpy as np
from scipy import stats

import kedge
from kedge import shift

import shift_rows

ALPHA = 0.05
SIZES = ((20, 20), (200, 100), (2000, 2000), (20000, 5000), (100000, 100000))
# rows of a sample beyond which methods deal the values out 19 times in place of 99: as exact at 5 %, and five times as fast
DEALT_LIMIT = 2000
LONG = 20000  # rows beyond which tables are tried a fifth as often: each pair takes seconds
PAIRWISE = {"nn_dvi"}  # cost grows with the square of the rows: up to DEALT_LIMIT (MMD takes random features by itself)


def methods(kind):
    """All methods of one column for numbers or categories: name and class."""
    classes = [c for c in shift.Method.__subclasses__() + [d for c in shift.Method.__subclasses__() for d in c.__subclasses__()]
               if c._symbol]
    nominal = {"kedge_chi_squared", "kedge_g_test", "kedge_fisher"}
    return {c._symbol[len("kedge_"):].removeprefix("gsl_"): c for c in classes
            if c._library and c._of_tables == (kind == "tables") and (c._symbol in nominal) == (kind == "nominal")}


def row_methods():
    return methods("tables")


def interval(k, n):
    """Clopper and Pearson, 99.9 %: over a hundred rates are looked at."""
    low = stats.beta.ppf(0.0005, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(0.9995, k + 1, n - k) if k < n else 1.0
    return low, high


def draw(rng, n, ties):
    x = rng.standard_normal(n)
    return np.floor(2 * x) / 2 if ties else x


def deal_anew(use, seed):
    """Another seed for each pair of samples: with one for all, the same few deals would be the yardstick of them all."""
    for method in use.values():
        getattr(method._config, "base", method._config).seed = seed


def n_deals(n):
    return 99 if n <= DEALT_LIMIT else 19


def rates_of_columns(kind, n, m, repetitions):
    """Share of p-values up to 5 % where nothing changed: all methods on one kind of column and one size."""
    nominal = kind in ("categories", "two categories")
    use = {name: c(n_resamples=n_deals(n)) for name, c in methods("nominal" if nominal else "numeric").items() if name != "fisher"
           or kind == "two categories"}
    hits = dict.fromkeys(use, 0)
    rng = np.random.default_rng([n, m, len(kind)])
    for seed in range(repetitions):
        deal_anew(use, seed)
        if nominal:
            k = 2 if kind == "two categories" else 6
            x, y = (np.floor(k * rng.random(size) ** 1.5) for size in (n, m))
        else:
            x, y = draw(rng, n, kind != "numbers"), draw(rng, m, kind != "numbers")
        for name, r in zip(use, shift.compare(list(use.values()), x, y)):
            hits[name] += r.p_value <= ALPHA
    return [(kind, n, m, name, hits[name] / repetitions, *interval(hits[name], repetitions)) for name in use]


def rates_of_tables(kind, n, m, repetitions):
    """The same for tables of three columns, the first of whole numbers."""
    use = {name: c(n_resamples=n_deals(n)) for name, c in row_methods().items() if name not in PAIRWISE or n <= DEALT_LIMIT}
    repetitions = repetitions if n <= LONG else repetitions // 5
    hits = dict.fromkeys(use, 0)
    rng = np.random.default_rng([n, m])
    for seed in range(repetitions):
        deal_anew(use, seed)
        x, y = rng.standard_normal((n, 3)), rng.standard_normal((m, 3))
        x[:, 0], y[:, 0] = np.floor(x[:, 0]), np.floor(y[:, 0])
        for name, method in use.items():
            hits[name] += method(x, y).p_value <= ALPHA
    return [(kind, n, m, name, hits[name] / repetitions, *interval(hits[name], repetitions)) for name in use]


def rates(repetitions):
    """All cells, the long ones first, one a core."""
    cells = [(rates_of_columns, kind, *size) for kind in ("numbers", "numbers with ties", "categories", "two categories")
             for size in SIZES]
    cells += [(rates_of_tables, "tables", *size) for size in SIZES]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        done = {cell: pool.submit(*cell, repetitions) for cell in sorted(cells, key=lambda cell: -cell[2] - cell[3])}
    return [row for cell in cells for row in done[cell].result()]


def changed(rng, n, change):
    if change == "mean":
        return rng.standard_normal(n) + 0.3
    if change == "variance":
        return 1.35 * rng.standard_normal(n)
    if change == "shape":
        return rng.standard_t(3, n) / math.sqrt(3)
    return rng.exponential(size=n) - 1  # skewed


SCIPY = {
    "ks": lambda x, y: stats.ks_2samp(x, y).pvalue, "cramer_von_mises": lambda x, y: stats.cramervonmises_2samp(x, y).pvalue,
    "anderson_darling": lambda x, y: stats.anderson_ksamp([x, y]).pvalue, "mann_whitney": lambda x,
    y: stats.mannwhitneyu(x, y).pvalue, "welch": lambda x, y: stats.ttest_ind(x, y, equal_var=False).pvalue,
}
CHANGES = ("mean", "variance", "shape", "skewness")


def power(repetitions, n=200):
    """Share of p-values up to 5 % where something changed, kedge's and SciPy's on the same samples."""
    use = {name: c(n_resamples=199) for name, c in methods("numeric").items()}
    out = {name: [] for name in use}
    for change in CHANGES:
        hits, peer = dict.fromkeys(use, 0), dict.fromkeys(SCIPY, 0)
        rng = np.random.default_rng([7, CHANGES.index(change)])
        for seed in range(repetitions):
            deal_anew(use, seed)
            x, y = rng.standard_normal(n), changed(rng, n, change)
            for name, r in zip(use, shift.compare(list(use.values()), x, y)):
                hits[name] += r.p_value <= ALPHA
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for name in SCIPY:
                    peer[name] += SCIPY[name](x, y) <= ALPHA
        for name in use:
            out[name].append((hits[name] / repetitions, peer[name] / repetitions if name in peer else None))
    return out


def row_power(repetitions):
    """The same for methods of whole tables, and the median seconds of a comparison."""
    use = {name: c(n_resamples=99) for name, c in row_methods().items()}
    out = {name: [] for name in use}
    seconds = {name: [] for name in use}
    for change in shift_rows.CHANGES:
        hits = dict.fromkeys(use, 0)
        for seed, (x, y) in enumerate(shift_rows.tables(change, repetitions)):
            deal_anew(use, seed)
            for name, method in use.items():
                begin = time.perf_counter()
                hits[name] += method(x, y).p_value <= ALPHA
                seconds[name].append(time.perf_counter() - begin)
        for name in use:
            out[name].append(hits[name] / repetitions)
    return {name: {"power": out[name], "seconds": statistics.median(seconds[name])} for name in use}


def alibi_power(python, repetitions):
    """alibi-detect's, in an environment of its own; nothing where there is none."""
    if not python:
        return {}
    run = subprocess.run([python, shift_rows.__file__, str(repetitions)], capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def timed(run, times=5):
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), min(seconds), max(seconds)


def peers_of_table(x, y):
    """Seconds for Kolmogorov-Smirnov, PSI and Wasserstein of all columns."""
    n_columns = x.shape[1]
    own = [shift.KS(), shift.PSI(p_method="none"), shift.Wasserstein(p_method="none")]
    yield "kedge (Python)", timed(lambda: [shift.compare(own, x[:, i], y[:, i]) for i in range(n_columns)])

    def psi(a, b):
        edges = np.quantile(a, np.linspace(0, 1, 11))[1:-1]
        p, q = (np.bincount(np.searchsorted(edges, v), minlength=10) + 0.5 for v in (a, b))
        p, q = p / p.sum(), q / q.sum()
        return np.sum((p - q) * np.log(p / q))

    yield "SciPy, NumPy", timed(lambda: [(stats.ks_2samp(x[:, i], y[:, i]), stats.wasserstein_distance(x[:, i], y[:, i]),
                                          psi(x[:, i], y[:, i]))
                                         for i in range(n_columns)], 3)
    try:
        from frouros.detectors import data_drift

        def frouros():
            for i in range(n_columns):
                for cls in (data_drift.KSTest, data_drift.PSI, data_drift.EMD):
                    detector = cls()
                    detector.fit(X=x[:, i])
                    detector.compare(X=y[:, i])
        yield "frouros", timed(frouros, 3)
    except ImportError:
        pass
    try:
        import pandas
        from evidently import Report
        from evidently.presets import DataDriftPreset
        before, now = pandas.DataFrame(x, columns=[f"c{i}" for i in range(n_columns)]), pandas.DataFrame(y,
            columns=[f"c{i}" for i in range(n_columns)])

        def evidently():
            for name in ("ks", "psi", "wasserstein"):
                Report([DataDriftPreset(method=name)]).run(now, before)
        yield "evidently", timed(evidently, 3)
    except ImportError:
        pass


def sliding():
    """Nanoseconds an update of sliding Kolmogorov-Smirnov, window and reference of 1,000."""
    rng = np.random.default_rng(5)
    reference, x = rng.standard_normal(1000), rng.standard_normal(200000)
    own = kedge.SlidingKS(reference=reference, window_size=1000)
    yield "kedge, a batch", tuple(1e9 * t / len(x) for t in timed(lambda: own.signal_many(x)))
    try:
        from frouros.detectors.data_drift import IncrementalKSTest
        peer = IncrementalKSTest(window_size=1000)
        peer.fit(X=reference)
        some = x[:3000]
        yield "frouros, one at a time", tuple(1e9 * t / len(some) for t in timed(lambda: [peer.update(value=v) for v in some], 3))
    except ImportError:
        pass


def spread(t, digits=3):
    return f"{t[0]:.{digits}g} ({t[1]:.{digits}g} to {t[2]:.{digits}g})"


def write_rates(out, measured, repetitions):
    out.append(f"## False alarms\n\nShare of p-values of at most {ALPHA} over {repetitions:,} pairs of samples of the same "
               f"distribution. **Bold**: the 99.9 % interval "
               f"of the rate lies wholly above {ALPHA}. Exact tests of few or coarse values can only stay below: their p-values "
               f"come in steps. Methods that deal the "
               f"values out do so 99 times up to {DEALT_LIMIT} rows, and 19 times beyond, which is as exact at 5 %.\n")
    for kind in dict.fromkeys(r[0] for r in measured):
        sizes = list(dict.fromkeys((r[1], r[2]) for r in measured if r[0] == kind))
        out.append(f"### {kind.capitalize()}\n")
        if kind == "tables":
            out[-1] += f"\nThree columns, the first of whole numbers; {repetitions // 5} pairs at the greatest size.\n"
        out += ["| method | " + " | ".join(f"{n:,} and {m:,}" for n, m in sizes) + " |", "| --- |" + " ---: |" * len(sizes)]
        for name in dict.fromkeys(r[3] for r in measured if r[0] == kind):
            cells = {(r[1], r[2]): f"**{r[4]:.3f}**" if r[5] > ALPHA else f"{r[4]:.3f}" for r in measured if r[0] == kind
                     and r[3] == name}
            out.append(f"| `{name}` | " + " | ".join(cells.get(s, "") for s in sizes) + " |")
        out.append("")
    n_bad = sum(r[5] > ALPHA for r in measured)
    out.append(f"{n_bad} of {len(measured)} rates are surely above {ALPHA}.\n")


def write_power(out, measured, repetitions, rows, peer, row_repetitions):
    out.append(f"## Power\n\nShare of p-values of at most {ALPHA} over {repetitions:,} pairs of 200 values each: standard normal "
               f"before; afterwards the mean 0.3, the standard "
               "deviation 1.35, Student's distribution with 3 degrees of freedom and variance 1, or an exponential one with mean 0 "
               "and variance 1. In brackets: SciPy's "
               "test on the same samples. Distances by permutation, 199 times.\n")
    out += ["| method | mean | spread | shape | skewness |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, cells in measured.items():
        out.append(f"| `{name}` | " + " | ".join(f"{a:.3f}" + (f" ({b:.3f})" if b is not None else "") for a, b in cells) + " |")
    out += [f"\nMethods of whole tables: {shift_rows.N} rows each of three independent normal columns; afterwards the first one "
            f"has mean 0.5, or standard deviation "
            "1.7, or an exponential distribution with mean 0 and variance 1, or a correlation of 0.8 with the second one while "
            "every column for itself is as "
            f"before; {row_repetitions} pairs, p-values dealt out 99 times. In brackets: alibi-detect's (TensorFlow) on the same "
            f"tables.\n",
            "| method | " + " | ".join(shift_rows.CHANGES) + " | ms a comparison |",
            "| --- |" + " ---: |" * (len(shift_rows.CHANGES) + 1)]
    for name, row in rows.items():
        theirs = peer.get(name)
        cells = [f"{c:.3f}" + (f" ({theirs['power'][i]:.3f})" if theirs else "") for i, c in enumerate(row["power"])]
        cells.append(f"{1e3 * row['seconds']:.2f}" + (f" ({1e3 * theirs['seconds']:.0f})" if theirs else ""))
        out.append(f"| `{name}` | " + " | ".join(cells) + " |")
    out.append("")


def write_speed(out, program):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((100000, 10)), rng.standard_normal((10000, 10))
    large = json.loads(subprocess.run([program, "100", "3000000", "300000"], check=True, capture_output=True, text=True).stdout)
    out.append(f"## Speed\n\n{platform.processor() or platform.machine()}, {os.cpu_count()} cores, one used; load "
               f"{os.getloadavg()[0]:.1f}.\n\n"
               f"**A large table:** {large['rows']:,} and {large['rows_now']:,} rows, {large['columns']} columns. Exact "
               f"Kolmogorov-Smirnov, PSI and Wasserstein for all: "
               f"{large['exact_s']:.1f} s, scratch {large['scratch_bytes'] / 2**20:.1f} MiB (one column and room for sorting). In "
               f"one pass, by profiles of "
               f"{large['profile_bytes'] / 1024:.1f} KiB a column: {large['one_pass_s']:.1f} s; the Kolmogorov-Smirnov distance is "
               f"then at most {large['ks_off']:.4f} off. Shares from "
               f"a hundred merged parts are off by at most {large['merged_error_share']:.2f} times the stated certain error.\n\n"
               "**A smaller table,** beside peers in one process: 100,000 and 10,000 rows, 10 columns, the same three figures, "
               "seconds (least to greatest of the runs):\n")
    out += ["| library | seconds | times kedge |", "| --- | ---: | ---: |"]
    own = None
    for name, t in peers_of_table(x, y):
        own = own or t[0]
        out.append(f"| {name} | {spread(t)} | {t[0] / own:.1f} |")
    out += ["\n**A sliding window** of 1,000 against a reference of 1,000, ns an update:\n", "| library | ns | times kedge |",
            "| --- | ---: | ---: |"]
    own = None
    for name, t in sliding():
        own = own or t[0]
        out.append(f"| {name} | {spread(t)} | {t[0] / own:,.0f} |")
    out.append("")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("docs", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--alibi", help="a Python that has alibi-detect")
    options = parser.parse_args()
    out = ["# Data drift: how right, how strong, how fast {#shift_quality}\n",
           "Written by `tools/bench shift`. What the methods are: [data drift](shift.md).\n"]
    write_rates(out, rates(options.repetitions), options.repetitions)
    row_repetitions = min(options.repetitions, 300)
    write_power(out, power(options.repetitions), options.repetitions, row_power(row_repetitions),
                alibi_power(options.alibi, row_repetitions), row_repetitions)
    write_speed(out, options.program)
    text = "\n".join(out)
    (options.docs / "shift-quality.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
