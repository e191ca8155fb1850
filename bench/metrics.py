#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What metrics cost beside river's and scikit-learn's, on the same rows: metrics.py PROGRAM DOCS [options]

PROGRAM is bench-metrics. This runs in a Python that has numpy, river and scikit-learn. All take turns, round after round; ratios
are formed within a round and their median is shown. CPU time of one thread. Writes the section of DOCS/metrics.md between its
markers. A line of the table is one line of `LINES` here and one of `questions` in metrics.c. Where bench-latency-record lies beside
PROGRAM, what it prints (Markdown) goes below the table."""
import os

os.environ.update({name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")})  # before numpy is loaded

import argparse
import json
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import river
import river.metrics
import river.utils
import sklearn
from sklearn.metrics import roc_auc_score

BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
# rows: how many, share of class 1, share of right predictions, how far apart the scores' means are
ROWS = {
    "balanced": (200_000, 0.5, 0.9, 2.2),
    "99 % one class": (200_000, 0.01, 0.999, 2.2),
    "10^6 rows": (1_000_000, 0.3, 0.9, 2.2),
}
PEER_ROWS = 20_000  # of those that take one row at a time in Python


def rolling():
    return river.utils.Rolling(river.metrics.Accuracy, window_size=1000)


# rows, question of bench-metrics, what it is, {peer: how it is made}, the column that the peer takes
LINES = [
    ("balanced", "confusion", "confusion matrix, one call each", {"river Accuracy": river.metrics.Accuracy,
                                                                  "river F1": river.metrics.F1}, "predicted"),
    ("balanced", "confusion_many", "confusion matrix, batch", {"river Accuracy": river.metrics.Accuracy}, "predicted"),
    ("99 % one class", "confusion", "confusion matrix, one call each", {"river Accuracy": river.metrics.Accuracy}, "predicted"),
    ("99 % one class", "confusion_many", "confusion matrix, batch", {"river Accuracy": river.metrics.Accuracy}, "predicted"),
    ("balanced", "confusion_window", "confusion matrix of the newest 1,000", {"river Rolling(Accuracy)": rolling}, "predicted"),
    ("balanced", "confusion_fading", "confusion matrix, fading", {}, None),
    ("balanced", "auc_stream", "area under the ROC curve of a stream", {"river ROCAUC": river.metrics.ROCAUC}, "score"),
    ("balanced", "auc_window", "exact area, newest 10,000", {}, None),
    ("10^6 rows", "auc_exact", "exact area and all else of a ranking", {"scikit-learn roc_auc_score": None}, "score"),
]


class Program:
    """bench-metrics, and the file that it reads rows from."""

    def __init__(self, path, directory):
        self.process = subprocess.Popen([str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.file = Path(directory) / "rows"

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def give(self, rows):
        with self.file.open("wb") as out:
            for name in ("truth", "predicted", "score"):
                rows[name].astype(float).tofile(out)
        self.ask(f"rows {self.file} {len(rows['truth'])}")

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def make(n, positives, right, apart):
    rng = np.random.default_rng(1)
    truth = (rng.random(n) < positives).astype(int)
    predicted = np.where(rng.random(n) < right, truth, 1 - truth)
    return {"truth": truth, "predicted": predicted,
            "score": 1.0 / (1.0 + np.exp(-(apart * (truth - 0.5) + rng.standard_normal(n))))}


def time_streaming(make_metric, truth, told):
    """Nanoseconds a record, and the figure, of a peer that takes a row at a time."""
    metric = make_metric()
    begin = time.process_time_ns()
    for y, p in zip(truth, told):
        metric.update(y, p)
    return (time.process_time_ns() - begin) / len(truth), metric.get()


def time_exact(truth, score):
    begin = time.process_time_ns()
    area = roc_auc_score(truth, score)
    return time.process_time_ns() - begin, area


def time_peer(make_metric, rows, column):
    if not make_metric:
        return time_exact(rows["truth"], rows[column])
    told = rows[column][:PEER_ROWS].tolist()
    truth = rows["truth"][:PEER_ROWS].tolist()
    return time_streaming(make_metric, [bool(y) for y in truth] if column == "score" else truth, told)


def compare(program, question, peers, rows, column, rounds):
    """A list of answers for kedge and each peer: (time, figure)."""
    runs = {name: [] for name in ("kedge", *peers)}
    for _ in range(rounds):
        own = program.ask(f"time {question}")
        each = own["ns"] if question == "auc_exact" else own["ns"] / len(rows["truth"])
        runs["kedge"].append((each, own["value"]))
        for name, make_metric in peers.items():
            runs[name].append(time_peer(make_metric, rows, column))
    return runs, own["bytes"]


def shown(ns):
    return f"{ns / 1e6:.1f} ms" if ns > 1e5 else f"{ns:.3g} ns" if ns < 100 else f"{ns:,.0f} ns"


def spread(runs):
    times = sorted(ns for ns, _ in runs)
    return f"{shown(statistics.median(times))} ({shown(times[0])} to {shown(times[-1])})"


def ratio(own, peer):
    ratios = sorted(p / o for (o, _), (p, _) in zip(own, peer))
    return f"{statistics.median(ratios):.3g} ({ratios[0]:.3g} to {ratios[-1]:.3g})"


def line(title, name, runs, n_bytes, rows, column):
    """One line for each peer, or one without."""
    exact = roc_auc_score(rows["truth"], rows["score"]) if column == "score" else None
    part = roc_auc_score(rows["truth"][:PEER_ROWS], rows["score"][:PEER_ROWS]) if column == "score" else None

    def off(figure, of):
        return f"{abs(figure - of):.1e}" if column == "score" else ""

    own = f"| {title} | {name} | {spread(runs['kedge'])} | {n_bytes:,} | {off(runs['kedge'][0][1], exact)} |"
    peers = [peer for peer in runs if peer != "kedge"]
    return [f"{own} {peer} | {spread(runs[peer])} | {ratio(runs['kedge'], runs[peer])} | "
            f"{off(runs[peer][0][1], exact if 'scikit' in peer else part)} |"
            for peer in peers] or [f"{own} | | | |"]


def table(program, rounds):
    lines = ["| metric | rows | kedge | bytes | off the exact area | peer | peer takes | times kedge's | off |",
             "| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |"]
    for name, recipe in ROWS.items():
        rows = make(*recipe)
        program.give(rows)
        for of, question, title, peers, column in LINES:
            if of == name:
                runs, n_bytes = compare(program, question, peers, rows, column, rounds)
                lines += line(title, name, runs, n_bytes, rows, column)
                print(*lines[-max(1, len(peers)):], sep="\n", flush=True)
    return lines


def of_latency(program):
    """What a program beside tells of recording latencies, if there is one."""
    beside = program.parent / "bench-latency-record"
    return [subprocess.run([str(beside)], check=True, capture_output=True, text=True).stdout.strip(), ""] if beside.exists() else []


def write(docs, lines, latency, rounds):
    page = docs / "metrics.md"
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    text = [BEGIN, f"Time of one record, of all rows together where it says ms: CPU time of one thread, medians of {rounds} rounds "
                   f"in which all take turns, with the least and "
            "the greatest. Ratios are formed within a round. `tools/bench metrics` writes this section "
            f"({platform.machine()}, {os.cpu_count()} cores; river {river.__version__}, scikit-learn {sklearn.__version__}, numpy "
            f"{np.__version__}).", "",
            *lines, "", *latency, END]
    page.write_text(head + "\n".join(text) + tail, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        program = Program(arguments.program, directory)
        lines = table(program, arguments.rounds)
        program.end()
    write(arguments.docs, lines, of_latency(arguments.program), arguments.rounds)


main()
