#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All detectors at equal average run lengths: runs bench-quality for each cell of the table, and writes docs/quality.md and its
plots.

    quality.py PROGRAM RESULTS DOCS [--jobs N] [--write-only]

Cells that stand in the file RESULTS already are not run again, so that an interrupted run goes on where it was."""
import argparse
import concurrent.futures
import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

ARLS = (1e4, 1e5, 1e6)
NAMES = {
    "adwin": "ADWIN", "bocpd": "BOCPD", "conformal": "conformal martingale", "cs_detector": "confidence sequences",
    "cusum": "CUSUM",
    "cusum+told": "CUSUM, told the shift", "ddm": "DDM", "e_detector": "e-detector", "e_detector+bound": "e-detector, told a bound",
    "ecdd": "ECDD", "eddm": "EDDM", "ewma_chart": "EWMA chart", "fhddm": "FHDDM", "fhddm+stacked": "FHDDMS", "focus": "FOCuS",
    "gma": "geometric moving average", "hddm_a": "HDDM-A", "hddm_w": "HDDM-W", "kswin": "KSWIN", "mddm": "MDDM", "optwin": "OPTWIN",
    "page_hinkley": "Page-Hinkley", "page_hinkley+told": "Page-Hinkley, told the shift", "rddm": "RDDM", "seed": "SEED",
    "seqdrift2": "SeqDrift2", "shewhart": "Shewhart chart", "sliding_hist": "sliding histogram",
    "sliding_ks": "sliding Kolmogorov-Smirnov",
    "sliding_mmd": "sliding MMD", "stepd": "STEPD",
    "e_detector+guaranteed": "e-detector, guarantee", "e_detector+bound+guaranteed": "e-detector, told a bound, guarantee",
}
BERNOULLI = [name for name in NAMES if "guaranteed" not in name]
NORMAL = ["adwin", "bocpd", "conformal", "cusum", "cusum+told", "ewma_chart", "focus", "gma", "kswin", "optwin", "page_hinkley",
          "page_hinkley+told", "seed", "seqdrift2", "shewhart", "sliding_hist", "sliding_ks", "sliding_mmd"]
SLOW = {"bocpd", "cs_detector", "kswin", "optwin", "sliding_mmd"}  # above 0.3 us an update, or slow to begin: fewer seeds
# How many times as long some may be calibrated: slow ones, and those whose alarms come in bursts.
PATIENCE = {"bocpd": 6, "conformal": 3, "cs_detector": 4, "ddm": 4, "eddm": 12, "kswin": 4, "optwin": 4, "shewhart": 4,
            "sliding_ks": 3, "sliding_mmd": 6}
# What is promised: contestant, distribution, ARL asked, change, greatest mean delay.
PROMISES = [("focus", "bernoulli", 1.05e6, 0, 62.0), ("focus", "normal", 1.05e6, 0, 28.0),
            ("e_detector+bound+guaranteed", "bernoulli", 1e6, 0, 60.0), ("e_detector+guaranteed", "bernoulli", 1e6, 0, 130.0)]
COLOURS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2", "#17becf", "#7f7f7f", "#bcbd22"]
PLOTTED = {"bernoulli": ["focus", "e_detector+bound", "e_detector", "cusum+told", "bocpd", "adwin", "page_hinkley", "ewma_chart",
                         "ddm", "hddm_w"],
           "normal": ["focus", "bocpd", "conformal", "cusum+told", "ewma_chart", "adwin", "page_hinkley", "optwin", "kswin",
                      "seed"]}


def cells():
    """(contestant, distribution, ARL, precision, seconds, seeds), each ARL behind the one below it."""
    out = [(name, distribution, arl, 0.07, 250, 1000) for name, distribution, arl, _, _ in PROMISES]
    for arl in ARLS:
        for distribution, names in (("bernoulli", BERNOULLI), ("normal", NORMAL)):
            for name in names:
                seconds = (50 if arl > 1e5 else 25) * PATIENCE.get(name, 1)
                out.append((name, distribution, arl, 0.2 if arl > 1e5 else 0.1, seconds, 300 if name in SLOW else 1000))
    return out


class Results:
    """Lines of JSON, one a cell."""

    def __init__(self, path):
        self.path, self.lock, self.rows = path, threading.Lock(), {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._keep(json.loads(line))

    def _keep(self, row):
        self.rows[row["contestant"], row["distribution"], row["asked"]] = row

    def add(self, line):
        with self.lock:
            self._keep(json.loads(line))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)

    def get(self, name, distribution, arl):
        return self.rows.get((name, distribution, arl))


def run(program, results, cell):
    name, distribution, arl, precision, seconds, seeds = cell
    if results.get(name, distribution, arl):
        return
    before = [results.get(name, distribution, a) for a in ARLS if a < arl]
    knob = [str(row["knob"]) for row in before if row and "knob" in row][-1:]  # a good place to begin
    command = [program, name, distribution, f"{arl:g}", f"{precision:g}", f"{seconds:g}", str(seeds), *knob]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    results.add(done.stdout)
    print(f"{name} {distribution} {arl:g}: {json.loads(done.stdout).get('seconds', 0):.0f} s", flush=True)


def number(x):
    """Three digits, thousands as people write them."""
    if x is None or x < 0 or math.isnan(x):
        return "-"
    if x >= 1e6:
        return f"{x / 1e6:.3g} million"
    return f"{x:,.0f}" if x >= 1000 else f"{x:.3g}" if x < 100 else f"{x:.0f}"


def arl_text(measured):
    high = number(measured["high"]) if measured["high"] > 0 else "no bound"
    if measured["alarms"] == 0:
        return f"above {number(measured['low'])}"
    return f"{number(measured['arl'])} ({number(measured['low'])} to {high})"


def delay_text(change):
    if change["delay"] < 0:
        return "-"
    half = (change["high"] - change["low"]) / 2 if change["high"] > 0 else math.nan
    return f"{number(change['delay'])} +- {number(half)}"


def random_detector(arl, horizon=5000):
    """Delay, share missed and mean time ratio of a detector that fires at random once in arl observations."""
    q = 1 / arl
    miss = math.exp(horizon * math.log1p(-q))
    delay = 1 / q - horizon * miss / (1 - miss)
    return delay, miss, arl / delay * (1 - miss)


def table(results, distribution, names, arl):
    rows = []
    for name in names:
        row = results.get(name, distribution, arl)
        if row is None:
            continue
        if "error" in row:
            rows.append((math.inf, f"| {NAMES[name]} | cannot be had | | | | | | |"))
            continue
        changes, measured = row["changes"], row["measured"]
        first = changes[0]
        ratio = measured["arl"] / first["delay"] * (1 - first["missed"]) if first["delay"] > 0 and measured["arl"] > 0 else math.nan
        note = " *" if row["calibrated"]["stepped"] else " +" if row["calibrated"]["more"] else ""
        missed = [f"{100 * c['missed']:.3g} %" if c["missed"] else "0" for c in changes]
        key = first["delay"] if first["missed"] < 0.5 and first["delay"] > 0 else 1e9 + first["missed"]
        rows.append((key, f"| {NAMES[name]}{note} | {arl_text(measured)} | {delay_text(first)} | {missed[0]} | {number(ratio)} | "
                          f"{delay_text(changes[1])} ({missed[1]}) | {delay_text(changes[2])} ({missed[2]}) | {row['ns']:.0f} |"))
    delay, miss, ratio = random_detector(arl)
    rows.append((1e12,
                 f"| *at random* | {number(arl)} | {number(delay)} | {100 * miss:.3g} % | {number(ratio)} | {number(delay)} "
                 f"({100 * miss:.3g} %) | "
                       f"{number(delay)} ({100 * miss:.3g} %) | |"))
    return [text for _, text in sorted(rows)]


def promise_lines(results):
    lines = []
    for name, distribution, arl, which, most in PROMISES:
        row = results.get(name, distribution, arl)
        if not row or "error" in row:
            continue
        change, measured = row["changes"][which], row["measured"]
        kept = "yes" if measured["arl"] >= 1e6 and change["delay"] <= most else "NO"
        told = "the old rate is at most 0.2" if "bound" in name else "neither level"
        lines.append(f"| {NAMES[name]} | {told} | {change['name']} | {arl_text(measured)} | {delay_text(change)} | {most:g} | "
                     f"{kept} |")
    return lines


def plot(results, distribution, path):
    """Mean delay of the first change over the measured ARL, both axes logarithmic."""
    width, height, left, bottom = 720, 420, 60, 50
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']

    def x_of(arl):
        return left + (math.log10(arl) - 3.8) / 2.4 * (width - left - 210)

    def y_of(delay):
        return height - bottom - (math.log10(delay) - 1.0) / 2.0 * (height - bottom - 20)

    for arl in ARLS:
        lines.append(f'<line x1="{x_of(arl):.1f}" x2="{x_of(arl):.1f}" y1="20" y2="{height - bottom}" stroke="#ddd"/>'
                     f'<text x="{x_of(arl):.1f}" y="{height - bottom + 18}" text-anchor="middle">{arl:,.0f}</text>')
    for delay in (10, 20, 50, 100, 200, 500, 1000):
        lines.append(f'<line x1="{left}" x2="{width - 205}" y1="{y_of(delay):.1f}" y2="{y_of(delay):.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y_of(delay) + 4:.1f}" text-anchor="end">{delay}</text>')
    lines.append(f'<text x="{(left + width - 205) / 2:.0f}" y="{height - 10}" text-anchor="middle">average run length without a '
                 f'change</text>')
    title = "rate 0.2 to 0.5" if distribution == "bernoulli" else "normal, shift of one deviation"
    lines.append(f'<text x="{left}" y="14">mean delay, observations: {title}</text>')
    labels = []
    for colour, name in zip(COLOURS, PLOTTED[distribution]):
        points = []
        for arl in ARLS:
            row = results.get(name, distribution, arl)
            if (row and "error" not in row and row["changes"][0]["delay"] > 0 and row["changes"][0]["missed"] < 0.5
                    and row["measured"]["arl"] > 0):
                points.append((x_of(min(row["measured"]["arl"], 10**6.2)), y_of(min(max(row["changes"][0]["delay"], 10), 1000))))
        if not points:
            continue
        path_text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{path_text}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        labels.append([points[-1][1], name, colour])
    at = 20.0
    for y, name, colour in sorted(labels):
        at = max(at + 15, y)
        lines.append(f'<text x="{width - 198}" y="{at + 4:.1f}" fill="{colour}">{NAMES[name]}</text>')
    path.write_text("\n".join(lines + ["</svg>", ""]), encoding="utf-8")


HEAD = """# Detectors at equal false alarms {#quality}

Which detector is the quickest? A comparison at defaults says nothing: some alarm 27 times in 10,000 quiet observations, some never. So here each is
[calibrated](calibration.md) to the same average run length (ARL), measured again on other draws, and then judged: 10,000 quiet observations, a
change, and the time to the first alarm behind it. `tools/bench quality` writes this page; the intervals are at 95 %.

## What is promised

"At a measured ARL of at least 10^6, after 10,000 stationary observations", 1,000 seeds:

| detector | told | change | ARL measured (interval) | mean delay | at most | kept |
| --- | --- | --- | --- | --- | --- | --- |
"""

TAIL = """
## How to read the tables

Sorted by the delay of the sudden change. *Delay* is the mean number of observations from the first of the new concept to the alarm, that one included,
over those seeds in which one came within 5,000; *missed* is the share of the others, also in brackets. *Mean time ratio* is ARL / delay * (1 -
missed) (Bifet 2017). *ns* is the cost of an observation, drawing it included. "Told the shift" means half of it as `delta`: an
advantage that the others do not have. "Told a bound": the old rate is at most 0.2, so only rises count. "Guarantee": `arl` set to 10^6, as
the theorem promises at least, not calibrated. Everything else is a default. 1,000 seeds; 300 for BOCPD, confidence sequences, KSWIN and OPTWIN.
At 10^6 the ARL is calibrated to 20 % instead of 10 %.

- `*`: the ARL asked lies in a step of what this detector can do on 0 and 1; it has the next that was found.
- `+`: the time given to the search was spent before the ARL was known that well; the interval says how well it is.
- *cannot be had*: no value of the knob gives this ARL.

LFR and MD3 are fed with other things than numbers, and an ensemble is as good as its members: they are not here.
"""


def write(results, docs):
    text = HEAD + "\n".join(promise_lines(results)) + "\n"
    text += "\n![mean delay over ARL, errors](images/quality_bernoulli.svg)\n"
    text += "\n![mean delay over ARL, normal](images/quality_normal.svg)\n" + TAIL
    for distribution, names in (("bernoulli", BERNOULLI), ("normal", NORMAL)):
        for arl in ARLS:
            heads = [change["name"] for name in names for change in (results.get(name, distribution, arl) or {}).get("changes",
                [])][:3]
            if len(heads) < 3:
                continue
            quiet = "Bernoulli 0.2" if distribution == "bernoulli" else "Unit normal"
            text += (f"\n## {quiet}, ARL {arl:,.0f}\n\n| detector | ARL measured | delay, {heads[0]} | missed | mean time ratio | "
                     f"delay, {heads[1]} | "
                     f"delay, {heads[2]} | ns |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
            text += "\n".join(table(results, distribution, names, arl)) + "\n"
    (docs / "images").mkdir(exist_ok=True)
    (docs / "quality.md").write_text(text, encoding="utf-8")
    for distribution in ("bernoulli", "normal"):
        plot(results, distribution, docs / "images" / f"quality_{distribution}.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("results", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--write-only", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    results = Results(arguments.results)
    if not arguments.write_only:
        os.nice(10)
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            for future in [pool.submit(run, arguments.program, results, cell) for cell in cells()]:
                future.result()
    write(results, arguments.docs)


main()
